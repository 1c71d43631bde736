import { describeDays } from "../../vocabulary/words";
import type { FindingData, PageData } from "../model";
import { levelOf } from "./finding";
import { html, when, type Html } from "./html";
import { ownerPill } from "./owner-pill";

/**
 * The fact of a finding, its owner, and its state: waived, on a custom level, in the baseline.
 *
 * @param fix how to fix it, or where that is said.
 */
export function factOf(
  data: PageData,
  finding: FindingData,
  { fix, showsOwner }: { readonly fix?: string | undefined; readonly showsOwner: boolean },
): Html {
  const waiver = data.waivers[finding.waiver ?? -1];
  const level = levelOf(data, finding);
  return html`<p class="fact">
      <bdi>${finding.text}</bdi>${when(fix, () => html` <span class="muted">${fix}</span>`)}${when(
        level !== data.rules[finding.rule]?.enforcementLevel && !waiver,
        () => html` <span class="pill ${level === "mandatory" ? "fail" : "warn"}">${level}</span>`,
      )}${showsOwner && ownerPill(data, finding)}${when(finding.isKnown, () => html` <span class="pill calm">in the baseline</span>`)}${when(
        finding.isKnown === false,
        () => html` <span class="pill new">new</span>`,
      )}${when(finding.fresh, () => html` <span class="pill new">new since the last run</span>`)}${when(
        finding.daysOpen !== undefined,
        () => html` <span class="muted age">open for ${describeDays(finding.daysOpen ?? 0)}</span>`,
      )}
    </p>
    ${when(
      waiver,
      () =>
        html`<p class="waiver">
          <span class="pill calm">waived</span> <bdi>${waiver?.id}</bdi> until ${waiver?.expires}, by
          <bdi>${waiver?.owner}</bdi>${when(waiver?.ticket, () => html` (<bdi>${waiver?.ticket}</bdi>)`)}:
          <bdi>${waiver?.reason}</bdi>
        </p>`,
    )}`;
}
