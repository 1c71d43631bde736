import { isCounted } from "../../../audit/standing";
import { thousands } from "../../../core/count";
import { compareRules } from "../../vocabulary/urgency";
import type { FindingData, PageData } from "../model";
import { levelOf, severityOf, standingOnPage, toneOf, urgencyOnPage } from "./finding";
import { factOf } from "./finding-fact";
import { html, when, type Html } from "./html";
import { hashOfView } from "./selection";

/** What one rule finds. */
export interface Group {
  readonly rule: number;
  readonly findings: readonly FindingData[];
  /** How many of them count. */
  readonly counted: number;
}

/** Findings by rule, what to do first at the top. */
export function groupByRule(data: PageData, findings = data.findings): Group[] {
  const lists = new Map<number, FindingData[]>();
  for (const finding of findings) {
    const list = lists.get(finding.rule);
    if (list) list.push(finding);
    else lists.set(finding.rule, [finding]);
  }
  return [...lists]
    .map(([rule, list]) => ({
      rule,
      findings: list,
      // Findings come by their urgency.
      urgency: Math.min(...list.slice(0, 1).map((finding) => urgencyOnPage(data, finding))),
      counted: list.filter((finding) => isCounted(standingOnPage(data, finding))).length,
    }))
    .sort(compareRules);
}

/** How the list of findings stands: which rules are open, and how many of each are shown. */
export interface Unfolded {
  isOpen(rule: number): boolean;
  shown(rule: number): number;
}

/** Findings of a rule that are shown before somebody asks for more. */
export const FIRST_FINDINGS = 20;

/** The rule to look at first is open. */
export function unfoldFirst(groups: readonly Group[]): Unfolded {
  return { isOpen: (rule) => rule === groups[0]?.rule, shown: () => FIRST_FINDINGS };
}

/** @param isStatic whether those that are not shown have to be there for readers without scripts. */
export function findingsList(data: PageData, groups: readonly Group[], unfolded: Unfolded, isStatic = false): Html {
  if (groups.length === 0) return html`<p class="nothing">No findings${isStatic ? "." : " match."}</p>`;
  return html`${groups.map((group) => groupCard(data, group, unfolded, isStatic))}`;
}

function groupCard(data: PageData, group: Group, unfolded: Unfolded, isStatic: boolean): Html {
  const [first] = group.findings;
  const rule = data.rules[group.rule];
  if (!first || !rule) return html``;
  const shown = Math.min(unfolded.shown(group.rule), group.findings.length);
  const rest = group.findings.length - shown;
  const common = commonFix(data, group.rule);
  const row = (finding: FindingData) => findingRow(data, finding, common === undefined);
  return html`<details
    class="rule ${toneOf(data, first)}"
    data-rule="${group.rule}"
    ${unfolded.isOpen(group.rule) && html` open`}
  >
    <summary>
      <span class="count">${thousands(group.counted)}</span>
      <hgroup class="rule-title">
        <h3>${rule.displayName}</h3>
        <p><code>${rule.name}</code></p>
      </hgroup>
      <span class="pills">${pills(data, first)}${tally(data, group)}</span>
    </summary>
    <div class="rule-body">
      <div class="advice">
        <p><strong>What must hold.</strong> ${rule.description}</p>
        <p>
          <strong>How to fix it.</strong> ${rule.remediation}${when(
            common !== undefined && data.fixes[common] !== rule.remediation,
            () => html` <span class="muted">${data.fixes[common ?? -1]}</span>`,
          )}
        </p>
      </div>
      <ul class="findings">
        ${group.findings.slice(0, shown).map(row)}
      </ul>
      ${when(
        rest > 0 && isStatic,
        () =>
          html`<noscript
            ><ul class="findings">
              ${group.findings.slice(shown).map(row)}
            </ul></noscript
          >`,
      )}${when(
        rest > 0,
        () =>
          html`<p class="more needs-script">
            <button type="button" data-more="${group.rule}">Show ${thousands(Math.min(rest, 200))} more</button>
            <span class="muted">${thousands(shown)} of ${thousands(group.findings.length)}</span>
          </p>`,
      )}
    </div>
  </details>`;
}

function findingRow(data: PageData, finding: FindingData, withFix: boolean): Html {
  const user = data.users[finding.user ?? -1];
  const token = user?.tokens[finding.token ?? -1];
  return html`<li class="finding ${toneOf(data, finding)}">
    ${when(
      user,
      () =>
        html`<p class="who">
          <a href="${hashOfView({ q: user?.name ?? "" })}"><bdi>${user?.name}</bdi></a
          >${when(user?.organization, () => html` <span class="muted"><bdi>${user?.organization}</bdi></span>`)}${when(
            token,
            () =>
              html` ${token?.name === undefined ? html`<i>no name</i>` : html`<bdi>${token.name}</bdi>`}
                <code>${token?.id}</code>`,
          )}
        </p>`,
    )}${factOf(data, finding, withFix)}
  </li>`;
}

function pills(data: PageData, finding: FindingData): Html {
  return html`<span class="pill ${toneOf(data, finding)}">${levelOf(data, finding)}</span>
    <span class="pill severity">${severityOf(data, finding)}</span>`;
}

function tally(data: PageData, { findings }: Group): Html[] {
  return (["waived", "known"] as const)
    .map((standing) => ({
      standing,
      number: findings.filter((finding) => standingOnPage(data, finding) === standing).length,
    }))
    .filter(({ number }) => number > 0)
    .map(({ standing, number }) => html` <span class="pill calm">${thousands(number)} ${standing}</span>`);
}

/** The one way to fix that all findings of a rule name: it is said once. */
function commonFix({ findings }: PageData, rule: number): number | undefined {
  const fixes = new Set(findings.filter((finding) => finding.rule === rule).map(({ fix }) => fix));
  return fixes.size === 1 ? [...fixes][0] : undefined;
}
