import {
  type AuditClosing,
  type AuditHeader,
  type AuditSource,
  type Finding,
  type Gap,
  THE_AUDIT,
} from "../audit/result";
import { count } from "../core/duration";
import { nameOrigin } from "../core/identity";
import { decodeText } from "../core/printable";
import type { Origin } from "../core/provenance";
import { nameInput } from "../core/standard-stream";
import type { UserToken } from "../core/user-token";
import { formatViolation } from "../policies/rule";
import { nameToken } from "../policies/token-facts";
import { describeWaiver } from "../policies/waivers";
import { failuresOf } from "./standing";
import { counted, type RuleTally } from "./tally";

export { count };

/** How an audit ended. */
export type Outcome = "incomplete" | "failed" | "tolerated" | "passed" | "empty" | "clean";

/** How an audit ended. What could not be read or judged beats everything else. */
export function outcomeOf(closing: AuditClosing): Outcome {
  const { summary } = closing;
  if (failuresOf(closing).length > 0) return "incomplete";
  if (summary.exitCode === 1) return "failed";
  if (summary.mandatory > 0) return "tolerated";
  // Findings about the stack alone are no judgement: its users may not be known yet.
  if (summary.users === 0) return "empty";
  const isClean = summary.advisory + summary.waived + summary.known === 0 && gapsOf(closing).length === 0;
  return isClean ? "clean" : "passed";
}

/** How an audit ended, in a sentence or two. */
export function describeOutcome(closing: AuditClosing): string {
  const found = describeFindings(closing);
  switch (outcomeOf(closing)) {
    case "incomplete":
      return `Incomplete: ${count(failuresOf(closing).length, "failure")}. What could not be read or judged is not clean. ${capital(found)}.`;
    case "failed":
      return `Failed: ${found}.`;
    case "tolerated":
      return `Passed, because no finding fails this audit: ${found}.`;
    case "passed":
      return `Passed: ${found}.`;
    case "empty":
      return `Nothing was judged: there is no user. ${capital(found)}.`;
    case "clean":
      return "Clean: no findings.";
  }
}

/** `2 mandatory findings, 1 advisory finding, 1 waived`: what there is none of is left out. */
function describeFindings({ summary }: AuditClosing): string {
  const parts = [
    summary.mandatory > 0 ? count(summary.mandatory, "mandatory finding") : "",
    summary.advisory > 0 ? count(summary.advisory, "advisory finding") : "",
    summary.known > 0 ? `${summary.known} known` : "",
    summary.waived > 0 ? `${summary.waived} waived` : "",
  ].filter((part) => part !== "");
  if (parts.length === 0) return "no findings";
  return summary.mandatory + summary.advisory > 0 ? parts.join(", ") : `no findings but ${parts.join(", ")}`;
}

/** What could not be judged because the evidence never tells. */
export function gapsOf({ notJudged = [] }: AuditClosing): readonly Gap[] {
  return notJudged;
}

/** `Not judged: inventory-covered (not everybody was asked for).`; `undefined` where everything was. */
export function describeGaps(gaps: readonly Gap[]): string | undefined {
  if (gaps.length === 0) return undefined;
  const parts = gaps.map(({ rule, users, reason }) => {
    const whom = users === undefined ? "" : ` for ${count(users, "user")}`;
    return `${rule}${whom} (${reason})`;
  });
  return `Not judged: ${parts.join(", ")}.`;
}

/** What was judged, by what: `Judged 3 users with 7 tokens by 14 rules. Disabled: max-token-age.`, and what was not. */
export function describeScope(header: AuditHeader, closing: AuditClosing): string {
  return [describeJudged(header, closing), describeGaps(gapsOf(closing))]
    .filter((part) => part !== undefined)
    .join(" ");
}

function describeJudged({ rules }: AuditHeader, { summary }: AuditClosing): string {
  const disabled = rules.filter(({ enforcementLevel }) => enforcementLevel === "disabled");
  const scope = `Judged ${count(summary.users, "user")} with ${count(summary.tokens, "token")} by ${count(rules.length - disabled.length, "rule")}.`;
  return disabled.length === 0 ? scope : `${scope} Disabled: ${disabled.map(({ name }) => name).join(", ")}.`;
}

/** What to do first; `undefined` where there is nothing to do. */
export function describeFirstStep(closing: AuditClosing, [first]: readonly RuleTally[]): string | undefined {
  const [failure, ...others] = failuresOf(closing);
  if (failure !== undefined) {
    if (failure.subject === THE_AUDIT) return "make the evidence whole: the audit itself failed.";
    const more = others.length > 0 ? `, and ${others.length} more,` : "";
    return `make the evidence whole: ${failure.subject}${more} could not be judged.`;
  }
  if (first === undefined || counted(first) === 0) return undefined;
  const { rule, tokens } = first;
  const what = tokens > 0 ? count(tokens, "token") : count(counted(first), "finding");
  return `${rule.name} (${rule.severity}), ${what}. ${rule.remediation}`;
}

/** The user, and the organization where it has a name, or is not at MotherDuck's own address: `svc_bi [acme]`. */
export function nameUser(username: string, origin: Origin | undefined): string {
  const organization = nameOrigin(origin);
  return organization === undefined ? username : `${username} [${organization}]`;
}

/** A token of a report, as messages name it: `"nightly" (7c1f…)`. */
export function nameShownToken({ id, name }: Pick<UserToken, "id" | "name">): string {
  return nameToken({ id: decodeText(id), ...(typeof name === "string" && { name: decodeText(name) }) });
}

/** A finding's message, with the organization where it has a name, or is not at MotherDuck's own address. */
export function nameMessage({ message, origin }: Pick<Finding, "message" | "origin">): string {
  const organization = nameOrigin(origin);
  return organization === undefined ? message : `[${organization}] ${message}`;
}

/** A finding's message, and whether it is waived or known. */
export function describeFinding(finding: Finding): string {
  const { waiver, isKnown } = finding;
  const text = nameMessage(finding);
  if (waiver !== undefined) return `${text} (${describeWaiver(waiver)})`;
  return isKnown === true ? `${text} (known by the baseline)` : text;
}

/** The token that a finding is about; `undefined` where it is about none. */
export function nameFindingToken({ tokenId, tokenName }: Finding): string | undefined {
  if (tokenId === undefined) return undefined;
  return nameShownToken({ id: tokenId, ...(tokenName !== undefined && { name: tokenName }) });
}

/** A finding below a heading that names its user. */
export function describeBelowUser(finding: Finding): string {
  const { message, username, fact, fix } = finding;
  if (username === undefined) return message;
  const about = nameFindingToken(finding);
  return formatViolation({ ...(about !== undefined && { about }), fact, ...(fix !== undefined && { fix }) });
}

/** Where the evidence comes from. */
export function describeSource({ kind, name }: AuditSource): string {
  if (kind === "api") return name;
  return `${kind === "state" ? "stack export" : "engine events"} from ${nameInput(name)}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
