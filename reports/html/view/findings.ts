import { groupBy } from "../../../core/group-by";
import { isCounted } from "../../../audit/standing";
import { thousands } from "../../../core/count";
import { compareRules } from "../../vocabulary/urgency";
import type { FindingData, PageData } from "../model";
import { levelOf, severityOf, standingOnPage, toneOf, urgencyOnPage } from "./finding";
import { factOf } from "./finding-fact";
import { html, when, type Html } from "./html";
import { hashOfView } from "./selection";

/** The findings of one rule. */
export interface Group {
  readonly rule: number;
  readonly findings: readonly FindingData[];
  /** How many of them count. */
  readonly counted: number;
}

/** Findings by rule, what to do first at the top. */
export function groupByRule(data: PageData, findings = data.findings): Group[] {
  return [...groupBy(findings, ({ rule }) => rule)]
    .map(([rule, list]) => ({
      rule,
      findings: list,
      // Findings are sorted by urgency.
      urgency: Math.min(...list.slice(0, 1).map((finding) => urgencyOnPage(data, finding))),
      counted: list.filter((finding) => isCounted(standingOnPage(data, finding))).length,
    }))
    .sort(compareRules);
}

/** The state of the list of findings: which rules are open, and how many findings of each are shown. */
export interface Unfolded {
  isOpen(rule: number): boolean;
  shown(rule: number): number;
}

/** How many findings of a rule are shown before the reader asks for more. */
export const FIRST_FINDINGS = 20;

/** Opens the most urgent rule. */
export function unfoldFirst(groups: readonly Group[]): Unfolded {
  return { isOpen: (rule) => rule === groups[0]?.rule, shown: () => FIRST_FINDINGS };
}

/** @param isStatic whether hidden findings must still be in the markup, for readers without scripts. */
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
  const fixes = listedFixes(data, group.rule);
  const row = (finding: FindingData) => findingItem(data, finding, fixOf(data, finding, fixes));
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
            fixes.length === 1 && fixes[0] !== rule.remediation,
            () => html` <span class="muted">${fixes[0]}</span>`,
          )}
        </p>
        ${when(
          fixes.length > 1,
          () =>
            html`<ol class="muted">
              ${fixes.map((fix) => html`<li>${fix}</li>`)}
            </ol>`,
        )}
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

function findingItem(data: PageData, finding: FindingData, fix: string | undefined): Html {
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
    )}${factOf(data, finding, { fix, showsOwner: user !== undefined })}
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

/** Fixes of one rule that the page lists by number, at most; of more, each finding has its own. */
const LISTED_FIXES = 9;

/** The different fixes of a rule's findings, so that the page shows each once; none where there are too many. */
function listedFixes({ findings, fixes }: PageData, rule: number): string[] {
  const places = new Set(findings.filter((finding) => finding.rule === rule).map(({ fix }) => fix));
  const texts = [...places].flatMap((place) => fixes[place ?? -1] ?? []);
  return texts.length <= LISTED_FIXES ? texts : [];
}

/** What a finding says of its fix: where it is listed, or the fix itself where none are. */
function fixOf({ fixes }: PageData, { fix }: FindingData, listed: readonly string[]): string | undefined {
  const text = fixes[fix ?? -1];
  if (text === undefined || listed.length === 1) return undefined;
  return listed.length === 0 ? text : `Fix ${listed.indexOf(text) + 1}.`;
}
