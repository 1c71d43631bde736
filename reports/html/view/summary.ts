import { count, thousands } from "../../../core/count";
import type { End, PageData, PageFacts } from "../model";
import { minute } from "./dates";
import type { Group } from "./findings";
import { html, when, type Html } from "./html";
import { hashOfView } from "./selection";

const MARKS = {
  fail: html`<path d="M9 9l10 10M19 9L9 19" />`,
  warn: html`<path d="M14 7.5v8M14 19.6v.4" />`,
  pass: html`<path d="M8 14.5l4.2 4.2L20 10" />`,
};

/** How the audit ended, what could not be judged, and what to do first. */
export function verdictBanner(data: PageData, facts: PageFacts, groups: readonly Group[]): Html {
  const { verdict } = facts;
  const steps = groups.filter(({ counted }) => counted > 0).slice(0, 3);
  return html`<section class="verdict ${verdict.tone}" aria-labelledby="verdict">
    <svg class="mark" viewBox="0 0 28 28" aria-hidden="true" focusable="false">
      <circle cx="14" cy="14" r="14" />
      ${MARKS[verdict.tone]}
    </svg>
    <div>
      <h1 id="verdict">${verdict.word}</h1>
      <p class="lead">${verdict.detail}</p>
      <p class="muted">
        ${facts.judged}${when(facts.missing, () => html` <strong>${facts.missing}</strong>`)} Evidence:
        <bdi>${facts.source}</bdi>, judged at
        ${minute(data.now)}${when(facts.configFile, () => html`, with the settings in <bdi>${facts.configFile}</bdi>`)}.
      </p>
    </div>
    ${when(
      facts.failures.length > 0,
      () =>
        html`<div class="failures">
          <h2>Could not be read or judged</h2>
          <ul>
            ${facts.failures.map(
              ({ subject, message }) =>
                html`<li>
                  <strong><bdi>${subject}</bdi></strong> <bdi>${message}</bdi>
                </li>`,
            )}
          </ul>
        </div>`,
    )}${when(
      steps.length > 0,
      () =>
        html`<div class="steps">
          <h2>What to do first</h2>
          <ol>
            ${steps.map(({ rule: place, counted }) => {
              const rule = data.rules[place];
              return html`<li>
                <a href="${hashOfView({ rule: rule?.name ?? "" })}">${rule?.displayName}</a>
                <span class="muted">${count(counted, "finding")}</span><br />${rule?.remediation}
              </li>`;
            })}
          </ol>
        </div>`,
    )}
  </section>`;
}

/** The totals as cards, with links to what they count. */
export function totalCards({ totals, leftOut, changes }: PageFacts): Html {
  const { types } = totals;
  const split = [
    `${thousands(types.read_write)} read_write`,
    `${thousands(types.read_scaling)} read_scaling`,
    ...(types.other > 0 ? [`${thousands(types.other)} of other types`] : []),
  ].join(", ");
  return html`<section class="cards" aria-label="Totals">
    ${card("Mandatory findings", totals.mandatory, "fail", "open", hashOfView({ level: "mandatory", status: "open" }))}
    ${card("Advisory findings", totals.advisory, "warn", "open", hashOfView({ level: "advisory", status: "open" }))}
    ${card("Waived", totals.waived, "", "do not count", hashOfView({ status: "waived" }))}
    ${when(totals.known > 0, () => card("Known", totals.known, "", "in the baseline, do not count", hashOfView({ status: "known" })))}
    ${when(totals.failures > 0, () => card("Not judged", totals.failures, "fail", "failures, see above"))}
    ${when(
      changes?.counts,
      () =>
        html`${card("New", changes?.counts?.new ?? 0, "", "since the last run", "#changes")}
        ${card("Fixed", changes?.counts?.fixed ?? 0, "", "since the last run", "#changes")}`,
    )}
    ${card("Users", totals.users, "", "judged")}
    ${card("Tokens", totals.tokens, "", leftOut > 0 ? `${thousands(leftOut)} without findings not in this file` : split)}
  </section>`;
}

function card(label: string, number: number, tone: string, note: string, href?: string): Html {
  const content = html`<span class="label">${label}</span><span class="number">${thousands(number)}</span
    ><span class="muted">${note}</span>`;
  const kind = number > 0 ? tone : "zero";
  return href !== undefined && number > 0
    ? html`<a class="card ${kind}" href="${href}">${content}</a>`
    : html`<div class="card ${kind}">${content}</div>`;
}

/** How many tokens expire when, as one bar. */
export function endsBar({ totals }: PageFacts, warnDays = 14): Html {
  const { ends, tokens } = totals;
  const labels: readonly (readonly [End, string])[] = [
    ["expired", "expired"],
    ["soon", `within ${count(warnDays, "day")}`],
    ["quarter", "within 90 days"],
    ["later", "later"],
    ["never", "never"],
  ];
  let at = 0;
  const parts = labels.flatMap(([end]) => {
    const width = tokens === 0 ? 0 : (ends[end] / tokens) * 100;
    const part = html`<rect class="end-${end}" x="${at.toFixed(2)}%" width="${width.toFixed(2)}%" height="100%" />`;
    at += width;
    return width > 0 ? [part] : [];
  });
  return html`<section class="panel ends" aria-labelledby="ends">
    <h2 id="ends">When tokens expire</h2>
    <svg class="ends-bar" aria-hidden="true" focusable="false">${parts}</svg>
    <dl>
      ${labels.map(
        ([end, label]) =>
          html`<div class="${ends[end] === 0 && "zero"}">
            <dt>
              <svg class="swatch" aria-hidden="true"><rect class="end-${end}" width="100%" height="100%" /></svg
              >${label}
            </dt>
            <dd>${thousands(ends[end])}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}
