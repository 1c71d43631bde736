import type { FindingData, PageData, RuleData } from "../model";
import { levelOf, severityOf, statusOf, toneOf, urgency } from "./finding";
import { factOf } from "./finding-fact";
import { html, when, type Html } from "./html";
import { hashOfView } from "./selection";
import { thousands } from "./words";

/** What one rule finds. */
export interface Group {
  readonly rule: number;
  readonly findings: readonly FindingData[];
  readonly open: number;
}

/** Findings by rule, what to do first at the top. */
export function groupByRule({ rules, findings }: Pick<PageData, "rules" | "findings">): Group[] {
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
      worst: Math.min(...list.slice(0, 1).map((finding) => urgency(rules, finding))),
      open: list.filter((finding) => statusOf(finding) === "open").length,
    }))
    .sort((a, b) => a.worst - b.worst || b.open - a.open);
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
    class="rule ${toneOf(data.rules, first)}"
    data-rule="${group.rule}"
    ${unfolded.isOpen(group.rule) && html` open`}
  >
    <summary>
      <span class="count">${thousands(group.open)}</span>
      <hgroup class="rule-title">
        <h3>${rule.title}</h3>
        <p><code>${rule.name}</code></p>
      </hgroup>
      <span class="pills">${pills(data.rules, first)}${tally(group)}</span>
    </summary>
    <div class="rule-body">
      <div class="advice">
        <p><strong>What must hold.</strong> ${rule.description}</p>
        <p>
          <strong>How to fix it.</strong> ${rule.remedy}${when(
            common !== undefined && data.fixes[common] !== rule.remedy,
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
  return html`<li class="finding ${toneOf(data.rules, finding)}">
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

function pills(rules: readonly RuleData[], finding: FindingData): Html {
  return html`<span class="pill ${toneOf(rules, finding)}">${levelOf(rules, finding)}</span>
    <span class="pill severity">${severityOf(rules, finding)}</span>`;
}

function tally({ findings }: Group): Html[] {
  const count = (status: string) => findings.filter((finding) => statusOf(finding) === status).length;
  return [
    { number: count("waived"), word: "waived" },
    { number: count("known"), word: "known" },
  ]
    .filter(({ number }) => number > 0)
    .map(({ number, word }) => html` <span class="pill calm">${thousands(number)} ${word}</span>`);
}

/** The one way to fix that all findings of a rule name: it is said once. */
function commonFix({ findings }: PageData, rule: number): number | undefined {
  const fixes = new Set(findings.filter((finding) => finding.rule === rule).map(({ fix }) => fix));
  return fixes.size === 1 ? [...fixes][0] : undefined;
}
