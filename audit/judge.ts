import type { Configuration } from "../policies/configuration";
import { describeUnknown } from "../policies/evidence";
import { judgeUser } from "../policies/judge";
import type { Rule, StackRule, UserEvidence, UserRule, Violation } from "../policies/rule";
import { evidenceFresh, inventoryCovered, rules, stackRules, userRules } from "../policies/rules";
import { createWaiverMatcher } from "../policies/waivers";
import { encodeText, printable } from "../core/printable";
import { encodeToken } from "../core/user-token";
import { AuditError } from "./audit-error";
import { type Baseline, fingerprint } from "./baseline";
import type { EvidenceItem } from "./evidence";
import {
  type AuditClosing,
  type AuditRule,
  type AuditSummary,
  type Failure,
  type FailOn,
  type Finding,
  type Gap,
  type JudgedUser,
  THE_AUDIT,
} from "./result";

/** How an audit judges. */
export interface JudgeOptions {
  readonly configuration: Configuration;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly failOn: FailOn;
  /** The findings that are known. */
  readonly baseline?: Baseline | undefined;
  /** Whether only findings count that the baseline does not know. */
  readonly failOnNew: boolean;
  /** Whether only some users were asked for, so that nobody can be called missing. Default: false. */
  readonly isSelection?: boolean;
}

/** Judges evidence piece by piece, as the policy pack does, and keeps the tallies. */
export interface Judge {
  /** A user, judged; `undefined` for what is no user. */
  take(item: EvidenceItem): JudgedUser | undefined;
  /** Something that could not be read or judged. */
  fail(failure: Failure): void;
  /** Judges what needs to know everything, and gives the tallies. To be called once, at the end. */
  close(): AuditClosing;
}

/** The rules as they are configured. */
export function describeRules(configuration: Configuration): AuditRule[] {
  return rules.map((rule) => {
    const { name, displayName, description, rationale, remediation, severity, controls } = rule;
    return {
      ...{ name, displayName, description, rationale, remediation, severity, controls },
      enforcementLevel: configuration.level(rule),
      settings: configuration.settings(rule),
    };
  });
}

/** @throws AuditError where no rule about users is enabled: nothing would be judged. */
export function createJudge({
  configuration,
  now,
  failOn,
  failOnNew,
  baseline,
  isSelection = false,
}: JudgeOptions): Judge {
  const isEnabled = (rule: Rule) => configuration.level(rule) !== "disabled";
  const enabled = userRules.filter(isEnabled).map((rule) => ({ rule, settings: configuration.settings(rule) }));
  const [first] = enabled;
  if (!first) throw new AuditError("all rules about users are disabled, so nothing is judged. Enable some.");
  // What cannot be judged yet is reported by the first of them, as in the pack.
  const reporter = first.rule;
  const findWaiver = createWaiverMatcher(configuration.waivers, configuration.waiverLimits, now);
  const usedWaivers = new Set<string>();
  const usernames = new Set<string>();
  const failures: Failure[] = [];
  const closingFindings: Finding[] = [];
  const tally = { users: 0, tokens: 0, mandatory: 0, advisory: 0, waived: 0, known: 0 };
  const gaps = new Map<string, { rule: string; users: number; reason: string }>();
  let hasUnknown = false;

  function noteGap(rule: UserRule, user: UserEvidence): void {
    const reason = rule.findGap?.(user);
    if (reason === undefined) return;
    const gap = gaps.get(rule.name);
    if (gap) gap.users++;
    else gaps.set(rule.name, { rule: rule.name, users: 1, reason });
  }

  function toFinding(rule: Rule, violation: Violation & Partial<Finding>): Finding {
    const { message, username, tokenId, tokenName, urn, waiver, subject, parts: made } = violation;
    const parts = made?.map(encodeText);
    const about = { ...(username !== undefined && { username }), ...(tokenId !== undefined && { tokenId }) };
    const print = fingerprint({ rule: rule.name, ...about, ...(subject !== undefined && { subject }) });
    return {
      rule: rule.name,
      severity: rule.severity,
      enforcementLevel: violation.enforcementLevel ?? (configuration.level(rule) as "mandatory" | "advisory"),
      message: printable(message, Infinity),
      ...(username !== undefined && { username: encodeText(username) }),
      ...(tokenId !== undefined && { tokenId: encodeText(tokenId) }),
      ...(tokenName !== undefined && { tokenName: encodeText(tokenName) }),
      ...(subject !== undefined && { subject: encodeText(subject) }),
      ...(parts && { parts }),
      ...(urn !== undefined && { urn }),
      fingerprint: print,
      ...(waiver && { waiver }),
      ...(baseline && { isKnown: baseline.knows({ fingerprint: print, ...(parts && { parts }) }) }),
    };
  }

  function count(finding: Finding): Finding {
    if (finding.waiver) tally.waived++;
    else if (failOnNew && finding.isKnown) tally.known++;
    else tally[finding.enforcementLevel]++;
    return finding;
  }

  function judge(user: UserEvidence, urn: string | undefined): JudgedUser {
    const findings = enabled.flatMap(({ rule, settings }) =>
      judgeUser(rule, user, settings, findWaiver, now).map((violation) => {
        if (violation.waiver) usedWaivers.add(violation.waiver.id);
        return count(toFinding(rule, { ...violation, ...(urn !== undefined && { urn }) }));
      }),
    );
    for (const { rule } of enabled) noteGap(rule, user);
    usernames.add(user.username);
    tally.users++;
    tally.tokens += user.tokens.length;
    return { ...toShown(user), ...(urn !== undefined && { urn }), findings };
  }

  function judgeStack(rule: StackRule): Finding[] {
    // Where evidence is missing, it cannot be told who is missing and which waiver is unused.
    const isIncomplete = hasUnknown || failures.length > 0;
    const stack = { usernames: [...usernames], hasUnknown: isIncomplete, waivers: configuration.waivers, usedWaivers };
    return rule.check(stack, configuration.settings(rule), now).map((violation) => toFinding(rule, violation));
  }

  return {
    take(item) {
      switch (item.kind) {
        case "user":
          return judge(item.user, item.urn);
        case "failure":
          failures.push(item.failure);
          return undefined;
        case "unknown": {
          hasUnknown = true;
          const { onUnknown } = configuration.settings(evidenceFresh);
          const violation = describeUnknown(item.name, onUnknown);
          closingFindings.push(count(toFinding(reporter, { ...violation, subject: item.urn, urn: item.urn })));
          return undefined;
        }
      }
    },
    fail: (failure) => failures.push(failure),
    close() {
      if (usernames.size === 0 && !hasUnknown && failures.length === 0) {
        failures.push({ subject: THE_AUDIT, message: NO_EVIDENCE });
      }
      const judged = stackRules.filter((rule) => isEnabled(rule) && !(isSelection && rule === inventoryCovered));
      const findings = [...closingFindings, ...judged.flatMap(judgeStack).map(count)];
      const summary = { ...tally, failures: failures.length };
      const notJudged: Gap[] = [...gaps.values()];
      const { users: expected } = configuration.settings(inventoryCovered);
      if (isSelection && isEnabled(inventoryCovered) && expected.length > 0) {
        notJudged.push({ rule: inventoryCovered.name, reason: "not everybody was asked for" });
      }
      const unjudged = notJudged.length > 0 ? { notJudged } : {};
      return { findings, failures, ...unjudged, summary: { ...summary, exitCode: exitCodeOf(summary, failOn) } };
    },
  };
}

/** Rules judge names as they are; reports get them in a form that is safe to print. */
function toShown({ username, tokens, fetchedAt, ...user }: UserEvidence): Omit<JudgedUser, "findings"> {
  // What was read to compare it with is no part of what is reported.
  delete (user as { own?: unknown }).own;
  return {
    ...user,
    username: encodeText(username),
    tokens: tokens.map(encodeToken),
    ...(fetchedAt !== undefined && { fetchedAt: printable(fetchedAt, Infinity) }),
  };
}

const NO_EVIDENCE =
  "there is no evidence: nothing here holds tokens of MotherDuck users, so nothing was judged. Check what was given.";

function exitCodeOf({ failures, mandatory, advisory }: Omit<AuditSummary, "exitCode">, failOn: FailOn): 0 | 1 | 2 {
  if (failures > 0) return 2;
  if (failOn === "none") return 0;
  return mandatory > 0 || (failOn === "advisory" && advisory > 0) ? 1 : 0;
}
