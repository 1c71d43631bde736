import { failuresOf, THE_AUDIT } from "../../audit/failure";
import type { AuditClosing, AuditHeader } from "../../audit/result";
import { count } from "../../core/count";
import type { RuleTally } from "../tally";
import { capitalize, enumerate } from "./words";

/** How an audit ended. */
export type Outcome = "incomplete" | "failed" | "tolerated" | "passed" | "empty" | "clean";

/** How an audit with that outcome looks: red, amber or green. */
export const OUTCOME_TONES = {
  incomplete: "fail",
  failed: "fail",
  tolerated: "warn",
  empty: "warn",
  passed: "pass",
  clean: "pass",
} as const satisfies Record<Outcome, string>;

/** How an audit ended. What could not be read or judged beats everything else. */
export function outcomeOf(closing: AuditClosing): Outcome {
  const { summary, notJudged = [], leftOut = 0 } = closing;
  if (failuresOf(closing).length > 0) return "incomplete";
  if (summary.exitCode === 1) return "failed";
  if (summary.mandatory > 0) return "tolerated";
  // Findings about the stack alone are no judgement: its users may not be known yet.
  if (summary.users === 0) return "empty";
  const isClean = summary.advisory + summary.waived + summary.known + leftOut === 0 && notJudged.length === 0;
  return isClean ? "clean" : "passed";
}

/** How an audit ended: `Failed: 2 mandatory findings, 1 waived.` */
export function describeOutcome(closing: AuditClosing): string {
  const { word, detail } = outcomeTexts(closing);
  return `${word}: ${detail}`;
}

/** How an audit ended: a heading, and a sentence or two, which start in lower case. */
export function outcomeTexts(closing: AuditClosing): { readonly word: string; readonly detail: string } {
  const found = describeFindings(closing);
  switch (outcomeOf(closing)) {
    case "incomplete": {
      const failures = count(failuresOf(closing).length, "failure");
      const isEmpty = closing.summary.users === 0 && found === NO_FINDINGS;
      const rest = isEmpty
        ? "Nobody was judged"
        : `What could not be read or judged is not clean. ${capitalize(found)}`;
      return { word: "Incomplete", detail: `${failures}. ${rest}.` };
    }
    case "failed":
      return { word: "Failed", detail: `${found}.` };
    case "tolerated":
      return { word: "Passed", detail: `${found}. No finding fails this audit.` };
    case "passed":
      return { word: "Passed", detail: `${found}.` };
    case "empty":
      return { word: "Nothing was judged", detail: `there are no users in the evidence. ${capitalize(found)}.` };
    case "clean":
      return { word: "Clean", detail: "no findings." };
  }
}

const NO_FINDINGS = "no findings";

/** `2 mandatory findings, 1 advisory finding, 1 waived`, or `no findings`. */
function describeFindings({ summary }: AuditClosing): string {
  const parts = [
    summary.mandatory > 0 ? count(summary.mandatory, "mandatory finding") : "",
    summary.advisory > 0 ? count(summary.advisory, "advisory finding") : "",
    summary.known > 0 ? `${summary.known} known` : "",
    summary.waived > 0 ? `${summary.waived} waived` : "",
  ].filter((part) => part !== "");
  if (parts.length === 0) return NO_FINDINGS;
  return summary.mandatory + summary.advisory > 0 ? parts.join(", ") : `no findings but ${parts.join(", ")}`;
}

/** What was judged, by what, and what was not: {@link describeJudged} and {@link describeMissing}. */
export function describeScope(header: AuditHeader, closing: AuditClosing): string {
  return [describeJudged(header, closing), describeMissing(header, closing)]
    .filter((part) => part !== undefined)
    .join(" ");
}

/** What is not shown: {@link describeSelection} and {@link describeGaps}; `undefined` where everything is. */
export function describeMissing(header: AuditHeader, closing: AuditClosing): string | undefined {
  const parts = [describeSelection(header, closing), describeGaps(closing)].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(" ");
}

/** `Only what belongs to data-platform is shown; 3 other findings are left out.`; `undefined` where everything is. */
export function describeSelection({ owners }: AuditHeader, { leftOut = 0 }: AuditClosing): string | undefined {
  if (owners === undefined) return undefined;
  const others = `${count(leftOut, "other finding")} ${leftOut === 1 ? "is" : "are"} left out`;
  return `Only what belongs to ${enumerate(owners)} is shown; ${others}.`;
}

/** `Judged 3 users with 7 tokens by 14 rules. Disabled: max-token-age.`; without the rules where settings may not have been read. */
export function describeJudged({ rules, systemTokens }: AuditHeader, closing: AuditClosing): string {
  const { summary } = closing;
  if (summary.users === 0 && failuresOf(closing).length > 0) return "Judged 0 users.";
  const disabled = rules.filter(({ enforcementLevel }) => enforcementLevel === "disabled");
  const scope = `Judged ${count(summary.users, "user")} with ${count(summary.tokens, "token")} by ${count(rules.length - disabled.length, "rule")}.`;
  return [
    scope,
    ...(disabled.length > 0 ? [`Disabled: ${disabled.map(({ name }) => name).join(", ")}.`] : []),
    ...(systemTokens === "advisory" ? ["What is due to MotherDuck's own tokens is advisory."] : []),
  ].join(" ");
}

/** `Not judged: inventory-covered (not everybody was asked for).`; `undefined` where all enabled rules judged. */
export function describeGaps({ notJudged = [] }: AuditClosing): string | undefined {
  if (notJudged.length === 0) return undefined;
  const parts = notJudged.map(({ rule, users, reason }) => {
    const whom = users === undefined ? "" : ` for ${count(users, "user")}`;
    return `${rule}${whom} (${reason})`;
  });
  return `Not judged: ${parts.join(", ")}.`;
}

/** What to do first; `undefined` where there is nothing to do. */
export function describeFirstStep(closing: AuditClosing, [first]: readonly RuleTally[]): string | undefined {
  const [failure, ...others] = failuresOf(closing);
  if (failure !== undefined) {
    if (failure.subject === THE_AUDIT) {
      return failure.cause === "settings"
        ? "correct the settings, options or variables that the failure names, and run again."
        : "complete the evidence: the audit itself failed.";
    }
    const more = others.length > 0 ? `, and ${count(others.length, "other")},` : "";
    return `complete the evidence: ${failure.subject}${more} could not be judged.`;
  }
  if (first === undefined || first.counted === 0) return undefined;
  const { rule, tokens } = first;
  const what = tokens > 0 ? count(tokens, "token") : count(first.counted, "finding");
  return `${rule.name} (${rule.severity}), ${what}. ${rule.remediation}`;
}
