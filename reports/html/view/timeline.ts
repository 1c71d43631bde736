import { count } from "../../../core/count";
import { daysToMs } from "../../../core/duration";
import type { UserToken } from "../../../core/user-token";
import { countedType } from "../../../policies/token-facts";
import type { DaysByType, PageData, TokenData } from "../model";
import { day } from "./dates";
import { html, when, type Html } from "./html";
import { placeOf, type Scale, ticksOf } from "./scale";

/** The patterns, and the lines behind each bar: drawn once, used by each row. */
export function timelineDefinitions({ now, limits }: PageData, scale: Scale): Html {
  const nowAt = placeOf(scale, now);
  const warnTo = placeOf(scale, now + daysToMs(limits.warnDays ?? 0));
  return html`<svg class="definitions" aria-hidden="true" focusable="false">
    <defs>
      <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatch-back" width="5" height="5" />
        <rect class="hatch-line" width="2.2" height="5" />
      </pattern>
      <g id="grid">
        ${when(
          limits.warnDays,
          () => html`<rect class="warn-band" x="${nowAt}%" width="${warnTo - nowAt}%" height="100%" />`,
        )}${ticksOf(scale).map(({ instant }) => line("tick", placeOf(scale, instant)))}${line("now", nowAt)}
      </g>
    </defs>
  </svg>`;
}

/** The axis above the bars. */
export function timelineAxis({ now }: PageData, scale: Scale): Html {
  const nowAt = placeOf(scale, now);
  // Labels that would overlap the label of now are left out.
  const ticks = ticksOf(scale).filter(({ instant }) => Math.abs(placeOf(scale, instant) - nowAt) > 6);
  return html`<svg class="axis" aria-hidden="true" focusable="false">
    ${ticks.map(({ instant, label }) => {
      const at = placeOf(scale, instant);
      return at > 97 ? undefined : html`<text class="tick-label" x="${at}%" y="15">${label}</text>`;
    })}
    <text class="now-label" x="${nowAt}%" y="15">now</text>
  </svg>`;
}

/** A token's life as a bar: the past, the rest, and the part beyond the limits. */
export function lifeBar(token: TokenData, { now, limits }: PageData, scale: Scale): Html {
  const { created, expires } = token;
  const at = (instant: number) => placeOf(scale, instant);
  if (typeof created === "string") return bar(html`<line class="unknown" x1="0%" x2="100%" y1="11" y2="11" />`);

  const isEndless = typeof expires !== "number";
  const end = isEndless ? Infinity : Math.max(expires, created);
  const lifetime = created + daysToMs(daysOf(limits.lifetime, token));
  const rotation = created + daysToMs(daysOf(limits.age, token));
  const isOver = end > created && end > lifetime;
  const isGone = end <= now;
  return bar(
    html`${segment(isGone ? "gone" : "past", at(created), at(Math.min(end, now, lifetime)))}${when(
      end > now && lifetime > now,
      () => segment("left", at(Math.max(created, now)), at(Math.min(end, lifetime))),
    )}${when(isOver, () => segment(isGone ? "over gone" : "over", at(Math.max(lifetime, created)), at(end)))}${when(
      isGone === false && rotation < now,
      () => html`<rect class="late" x="${at(rotation)}%" y="17" width="${at(now) - at(rotation)}%" height="2.5" />`,
    )}${when(Number.isFinite(rotation) && rotation < end && rotation < scale.to && rotation > scale.from, () =>
      line("rotation", at(rotation)),
    )}${
      isEndless
        ? html`<svg x="100%" overflow="visible"><path class="arrow" d="M-9 3.5 0 11l-9 7.5z" /></svg>`
        : html`<rect class="end" x="${at(end)}%" y="4" width="2" height="14" />`
    }`,
  );
}

/** The bar in words, for screen readers. */
export function lifeInWords({ created, expires }: TokenData): string {
  const start = typeof created === "number" ? day(created) : created;
  return `${start} to ${typeof expires === "number" ? day(expires) : (expires ?? "no end")}`;
}

function bar(content: Html): Html {
  return html`<svg class="life" aria-hidden="true" focusable="false">
    <use href="#grid" />
    ${content}
  </svg>`;
}

function segment(kind: string, from: number, to: number): Html {
  // A minimum width keeps even an hour visible.
  return html`<rect
    class="${kind}"
    x="${from}%"
    y="7"
    width="${Math.max(0.3, Math.round((to - from) * 100) / 100)}%"
    height="8"
  />`;
}

function line(kind: string, at: number): Html {
  return html`<line class="${kind}" x1="${at}%" x2="${at}%" y1="0" y2="100%" />`;
}

function daysOf(limit: DaysByType | undefined, { type }: TokenData): number {
  return limit?.[countedType({ tokenType: type } as UserToken)] ?? Infinity;
}

/** The legend of the bars. */
export function timelineLegend({ limits }: PageData): Html {
  const item = (sample: Html, text: string) =>
    html`<li><svg class="sample" aria-hidden="true" focusable="false">${sample}</svg>${text}</li>`;
  const box = (kind: string) => html`<rect class="${kind}" y="4" width="100%" height="8" />`;
  return html`<ul class="legend">
    ${item(box("past"), "past")}${item(box("left"), "remaining")}${item(box("over"), `beyond the allowed lifetime${limitText(limits.lifetime)}`)}${item(
      html`<path class="arrow" d="M7 0.5 16 8l-9 7.5z" />`,
      "never expires",
    )}${item(box("gone"), "expired")}${when(limits.age, () =>
      item(
        html`<line class="rotation" x1="50%" x2="50%" y1="0" y2="16" /><rect
            class="late"
            x="50%"
            y="13"
            width="50%"
            height="2.5"
          />`,
        `rotation due${limitText(limits.age)}`,
      ),
    )}${when(limits.warnDays, () =>
      item(
        html`<rect class="warn-band" width="100%" height="16" />`,
        `expires soon (${count(limits.warnDays ?? 0, "day")})`,
      ),
    )}${when(limits.hasGroups, () => html`<li>limits of groups are not drawn</li>`)}
  </ul>`;
}

function limitText(limit: DaysByType | undefined): string {
  if (!limit) return "";
  const { read_write, read_scaling } = limit;
  return read_write === read_scaling
    ? ` (${count(read_write, "day")})`
    : ` (${count(read_write, "day")}, read_scaling ${count(read_scaling, "day")})`;
}
