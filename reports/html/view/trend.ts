import type { TrendPoint } from "../../../audit/result";
import { count, thousands } from "../../../core/count";
import { capitalize, enumerate } from "../../vocabulary/words";
import { day } from "./dates";
import { html, when, type Html } from "./html";

/** One of the areas that lie on each other. */
interface Series {
  readonly label: string;
  /** The class that colours it. */
  readonly kind: string;
  readonly of: (point: TrendPoint) => number;
}

const FINDINGS: readonly Series[] = [
  { label: "mandatory", kind: "trend-mandatory", of: ({ findings }) => findings.mandatory },
  { label: "advisory", kind: "trend-advisory", of: ({ findings }) => findings.advisory },
  { label: "waived", kind: "trend-waived", of: ({ findings }) => findings.waived },
];

const TOKENS: readonly Series[] = [
  { label: "never", kind: "end-never", of: ({ tokens }) => tokens.never },
  { label: "later", kind: "end-later", of: ({ tokens }) => tokens.later },
  { label: "within 90 days", kind: "end-quarter", of: ({ tokens }) => tokens.within90Days },
  { label: "within 30 days", kind: "end-soon", of: ({ tokens }) => tokens.within30Days },
  { label: "expired", kind: "end-expired", of: ({ tokens }) => tokens.expired },
  { label: "cannot be read", kind: "trend-unknown", of: ({ tokens }) => tokens.unknown },
];

/** How many findings and tokens there were after each run. */
export function trendSection(trend: readonly TrendPoint[]): Html {
  const [first, last] = [trend.at(0), trend.at(-1)];
  if (!first || !last || trend.length < 2) return html``;
  return html`<section class="panel trend" aria-labelledby="trend">
    <h2 id="trend">Over the runs in the ledger</h2>
    <div class="charts">
      ${chart("Findings by level", FINDINGS, trend, first, last)}
      ${chart("Tokens by when they expire", TOKENS, trend, first, last)}
    </div>
    ${when(remarks(trend), () => html`<p class="muted">${remarks(trend)}</p>`)}
  </section>`;
}

// Units of the drawing, which is stretched to the width that there is.
const [WIDTH, HEIGHT] = [1000, 120];

function chart(
  title: string,
  series: readonly Series[],
  trend: readonly TrendPoint[],
  first: TrendPoint,
  last: TrendPoint,
): Html {
  const shown = series.filter(({ of }) => trend.some((point) => of(point) > 0));
  const top = Math.max(1, ...trend.map((point) => shown.reduce((sum, { of }) => sum + of(point), 0)));
  const places = placesOf(trend);
  return html`<figure>
    <figcaption>${title}<span class="muted">${period(first, last)}</span></figcaption>
    <div class="plot">
      <span class="muted" aria-hidden="true">${thousands(top)}</span>
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        ${areas(shown, trend, places, top)}
        ${trend.map((point, index) =>
          when(point.settingsChanged, () => upright("trend-changed", places[index] ?? 0, 0)),
        )}
        ${trend.map((point, index) =>
          when(point.usersNotRead > 0, () => upright("trend-unread", places[index] ?? 0, HEIGHT - 5)),
        )}
      </svg>
    </div>
    <dl>
      ${shown.map(
        ({ label, kind, of }) =>
          html`<div>
            <dt>
              <svg class="swatch" aria-hidden="true"><rect class="${kind}" width="100%" height="100%" /></svg>${label}
            </dt>
            <dd>${thousands(of(last))} <span class="muted">was ${thousands(of(first))}</span></dd>
          </div>`,
      )}
    </dl>
  </figure>`;
}

function period(first: TrendPoint, last: TrendPoint): string {
  const [from, to] = [day(Date.parse(first.judgedAt)), day(Date.parse(last.judgedAt))];
  return from === to ? from : `${from} to ${to}`;
}

/** Where each run is, by its time; where clocks went back, never before the run that precedes it. */
function placesOf(trend: readonly TrendPoint[]): number[] {
  const times = trend.map(({ judgedAt }) => Date.parse(judgedAt));
  const [from = 0, to = 0] = [Math.min(...times), Math.max(...times)];
  let latest = 0;
  return times.map((time, index) => {
    const share = to > from ? (time - from) / (to - from) : index / (times.length - 1);
    return (latest = Math.max(latest, Math.round(share * WIDTH)));
  });
}

function areas(
  series: readonly Series[],
  trend: readonly TrendPoint[],
  places: readonly number[],
  top: number,
): Html[] {
  let below = trend.map(() => 0);
  return series.map(({ kind, of }) => {
    const above = trend.map((point, index) => (below[index] ?? 0) + of(point));
    const edge = (values: readonly number[]) =>
      values.map((value, index) => `${places[index]} ${Math.round(HEIGHT * (1 - value / top) * 10) / 10}`);
    const path = `M${edge(above).join("L")}L${edge(below).reverse().join("L")}z`;
    below = above;
    return html`<path class="${kind}" d="${path}" />`;
  });
}

function upright(kind: string, x: number, from: number): Html {
  return html`<line class="${kind}" x1="${x}" x2="${x}" y1="${from}" y2="${HEIGHT}" />`;
}

/** What to know before one compares. */
function remarks(trend: readonly TrendPoint[]): string {
  const unread = trend.filter(({ usersNotRead }) => usersNotRead > 0).length;
  const changed = trend.filter(({ settingsChanged }) => settingsChanged).length;
  const parts = [
    ...(unread > 0
      ? [`in ${count(unread, "run")}, users were not read and count as last seen (marks at the bottom)`]
      : []),
    ...(changed > 0 ? [`in ${count(changed, "run")}, the settings or the version changed (dashed lines)`] : []),
  ];
  return parts.length === 0 ? "" : `${capitalize(enumerate(parts))}.`;
}
