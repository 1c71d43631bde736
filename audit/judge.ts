import type { Configuration } from "../policies/configuration/configuration";
import { describeKept } from "../policies/kept-inputs";
import { describeUnknown } from "../policies/read-evidence";
import { namesInSettings } from "../policies/names-in-settings";
import { ownersOf } from "../policies/owners";
import {
  type Rule,
  type StackRule,
  type UserEvidence,
  type UserRule,
  usernamesOf,
  type Violation,
} from "../policies/rule";
import { evidenceFresh } from "../policies/rules";
import { createSettingsInForce } from "../policies/settings-in-force";
import { toStackEvidence } from "../policies/stack-evidence";
import { judgeInGroups } from "../policies/user-judge";
import { findUnmatchedNames } from "../policies/unmatched-names";
import { createWaiverUse } from "../policies/waiver-use";
import { createWaiverMatcher } from "../policies/waivers";
import { encodeUser } from "../core/organization-user";
import type { Owner, UserOwners } from "../core/owner";
import { encodeText, printable } from "../core/printable";
import { systemPurposeOf } from "../core/system-tokens";
import type { UserToken } from "../core/user-token";
import { AuditError } from "./audit-error";
import type { Baseline } from "./baseline";
import type { EvidenceItem } from "./evidence-source";
import { THE_AUDIT } from "./failure";
import { encodeOrigin, encodeOwner, toFinding } from "./finding";
import { createJudgedUsers } from "./judged-users";
import { createOwnerSelection } from "./owner-selection";
import type {
  AuditClosing,
  AuditRule,
  AuditSummary,
  Failure,
  FailOn,
  Finding,
  Gap,
  JudgedToken,
  JudgedUser,
} from "./result";
import { standingOf } from "./standing";

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
  /** Whether everybody was asked for, so that names in settings which match nobody can be told. Default: false. */
  readonly isEverybody?: boolean;
  /** Names of owners, or globs: tokens and findings of others are left out. Default: everything is shown. */
  readonly owners?: readonly string[] | undefined;
  /** Whether owners are named though the settings do not ask for it. Default: only with `owners`. */
  readonly namesOwners?: boolean;
}

/** Judges evidence piece by piece, as the policy pack does, and keeps the tallies. */
export interface Judge {
  /** A user, judged; `undefined` if the item is not a user, or none of the selected owners'. */
  take(item: EvidenceItem): JudgedUser | undefined;
  /** Something that could not be read or judged. */
  fail(failure: Failure): void;
  /** Judges what needs to know everything, and gives the tallies. To be called once, at the end. */
  close(): AuditClosing;
}

/** The rules as they are configured. */
export function describeRules(configuration: Configuration): AuditRule[] {
  return configuration.rules.map((rule) => {
    const { name, displayName, description, rationale, remediation, severity, controls } = rule;
    return {
      ...{ name, displayName, description, rationale, remediation, severity, controls },
      enforcementLevel: configuration.policyLevel(rule),
      settings: configuration.settings(rule),
      ...describeGroups(rule, configuration),
    };
  });
}

function describeGroups({ name: rule }: Rule, { groups }: Configuration): Pick<AuditRule, "groups"> {
  const setting = groups.flatMap(({ name, users, accounts, rules }) => {
    const config = rules[rule];
    if (config === undefined) return [];
    return {
      ...{ name: printable(name) },
      ...(users && { users: users.map(encodeText) }),
      ...(accounts && { accounts }),
      config,
    };
  });
  return setting.length > 0 ? { groups: setting } : {};
}

/** @throws AuditError where no rule about users is enabled: nothing would be judged. */
export function createJudge({
  configuration,
  now,
  failOn,
  failOnNew,
  baseline,
  isSelection = false,
  isEverybody = false,
  owners,
  namesOwners: asksOwners = false,
}: JudgeOptions): Judge {
  const isEnabled = (rule: Rule) => configuration.policyLevel(rule) !== "disabled";
  const enabled = configuration.userRules.filter(isEnabled);
  // What is about a whole resource is reported by the first of them, as in the pack.
  const [reporter] = enabled;
  if (!reporter) throw new AuditError("all rules about users are disabled, so nothing is judged. Enable some.");
  const settings = createSettingsInForce(configuration);
  const { onUnknown, onIgnoreChanges } = configuration.settings(evidenceFresh);
  const selection = owners && createOwnerSelection(owners);
  const namesOwners = configuration.namesOwners || asksOwners || selection !== undefined;
  const findWaiver = createWaiverMatcher(configuration.waivers, configuration.waiverLimits, now);
  const judging = { configuration, settings, findWaiver, now, namesOwners };
  const waiverUse = createWaiverUse();
  const judgedUsers = createJudgedUsers();
  const failures: Failure[] = [];
  const closingFindings: Finding[] = [];
  const tally = { users: 0, tokens: 0, mandatory: 0, advisory: 0, waived: 0, known: 0 };
  const gaps = new Map<string, { rule: string; users: number; reason: string }>();
  let hasUnknown = false;
  let leftOut = 0;

  function noteGap(rule: UserRule, user: UserEvidence): void {
    const reason = rule.findGap?.(user);
    if (reason === undefined) return;
    if (configuration.rulesFor(user).every((inForce) => inForce.level(rule) === "disabled")) return;
    const gap = gaps.get(rule.name);
    if (gap) gap.users++;
    else gaps.set(rule.name, { rule: rule.name, users: 1, reason });
  }

  function find(rule: Rule, violation: Parameters<typeof toFinding>[2]): Finding {
    return toFinding(rule, configuration.policyLevel(rule) as "mandatory" | "advisory", violation, baseline);
  }

  function count(finding: Finding): Finding {
    tally[standingOf(finding, { failOnNew })]++;
    return finding;
  }

  /** The findings that are shown, counted. */
  function select(findings: readonly { readonly finding: Finding; readonly owner?: Owner | undefined }[]): Finding[] {
    const selected = findings.filter(({ owner }) => selection?.includes(owner) ?? true);
    leftOut += findings.length - selected.length;
    return selected.map(({ finding }) => count(finding));
  }

  function judge(user: UserEvidence, urn: string | undefined): JudgedUser | undefined {
    const { origin } = user;
    const found = enabled.flatMap((rule) =>
      judgeInGroups(rule, user, judging).map((violation) => {
        waiverUse.note(violation, user);
        const finding = find(rule, { ...violation, ...(origin && { origin }), ...(urn !== undefined && { urn }) });
        return { finding, owner: violation.owner };
      }),
    );
    judgedUsers.add(user);
    const owners = namesOwners ? ownersOf(user, configuration.findOwner) : undefined;
    const isShown = !owners || (selection?.includesUser(owners) ?? true);
    const findings = select(found);
    if (!isShown) return undefined;
    for (const rule of enabled) noteGap(rule, user);
    const shown = toShown(user, owners, (owner) => selection?.includes(owner) ?? true);
    tally.users++;
    tally.tokens += shown.tokens.length;
    return {
      ...shown,
      ...(urn !== undefined && { urn }),
      findings,
    };
  }

  /** Whoever is selected: nobody knows whose tokens a resource should hold that is reported as a whole. */
  const noteResource = (urn: string, violation: Violation): void => {
    closingFindings.push(count(find(reporter, { ...violation, subject: urn, urn })));
  };

  function judgeStack(rule: StackRule, isWhole: boolean): Finding[] {
    // Where evidence is missing, it cannot be told who is missing and which waiver is unused.
    const isIncomplete = hasUnknown || failures.length > 0;
    const whole = { hasUnknown: isIncomplete, isEverybody: isWhole };
    const stack = toStackEvidence(judgedUsers.all(), whole, configuration, waiverUse);
    // What is about the whole is about the organization, where it is only one.
    const [first, ...others] = judgedUsers.origins();
    const whose = first && others.length === 0 ? { origin: first } : {};
    return rule
      .check(stack, configuration.settings(rule), now)
      .map((violation) => find(rule, { ...violation, ...whose }));
  }

  /** Names in the settings that match nobody. */
  function judgeNames(): Finding[] {
    const known = { users: judgedUsers.all(), usernames: [] };
    const usernames = usernamesOf(known, configuration.organization);
    return namesInSettings(configuration, enabled).flatMap(({ rule, where, names }) =>
      findUnmatchedNames(where, names, usernames).map((found) => find(rule, found)),
    );
  }

  return {
    take(item) {
      switch (item.kind) {
        case "user":
          return judge(item.user, item.urn);
        case "failure":
          failures.push(item.failure);
          return undefined;
        case "unknown":
          hasUnknown = true;
          noteResource(item.urn, describeUnknown(item.name, onUnknown));
          return undefined;
        case "kept":
          noteResource(item.urn, describeKept(item.name, item.path, onIgnoreChanges));
          return undefined;
      }
    },
    fail: (failure) => failures.push(failure),
    close() {
      if (judgedUsers.isEmpty() && !hasUnknown && failures.length === 0) {
        failures.push({ subject: THE_AUDIT, message: NO_EVIDENCE });
      }
      const stackRules = configuration.stackRules.filter(isEnabled);
      const skipped = stackRules.filter(({ needsEverybody = false }) => isSelection && needsEverybody);
      const isWhole = isEverybody && failures.length === 0 && !hasUnknown;
      const aboutAll = stackRules
        .filter((rule) => !skipped.includes(rule))
        .flatMap((rule) => judgeStack(rule, isWhole));
      if (isWhole) aboutAll.push(...judgeNames());
      const findings = [...closingFindings, ...select(aboutAll.map((finding) => ({ finding })))];
      if (selection) failures.push(...selection.failures());
      const summary = { ...tally, failures: failures.length };
      const notJudged: Gap[] = [
        ...gaps.values(),
        ...skipped
          .filter((rule) => (rule.namesIn?.(configuration.settings(rule)) ?? []).length > 0)
          .map(({ name }) => ({ rule: name, reason: "not everybody was asked for" })),
      ];
      const rest = { ...(notJudged.length > 0 && { notJudged }), ...(selection && { leftOut }) };
      return { findings, failures, ...rest, summary: { ...summary, exitCode: exitCodeOf(summary, failOn) } };
    },
  };
}

/**
 * Rules judge names as they are; reports get them in a form that is safe to print.
 *
 * @param owners absent where they are not named.
 * @param isShown whether a token with this owner is.
 */
function toShown(
  user: UserEvidence,
  owners: UserOwners | undefined,
  isShown: (owner: Owner | undefined) => boolean,
): Omit<JudgedUser, "findings"> {
  const { fetchedAt, origin, hasForeignProvider, own, isListingExpected = false, ...rest } = user;
  void [hasForeignProvider, own]; // Findings say it.
  const shown = encodeUser(rest);
  return {
    ...shown,
    ...(owners?.user && { owner: encodeOwner(owners.user) }),
    tokens: shown.tokens.flatMap((token, index) => {
      const owner = owners?.tokens.get(user.tokens[index]?.id ?? "");
      if (!isShown(owner)) return [];
      return { ...markSystem(token, shown.tokens), ...(owner && { owner: encodeOwner(owner) }) };
    }),
    ...(isListingExpected && user.isDeprovisioned === undefined && { isDeprovisioned: "unknown" }),
    ...(origin && { origin: encodeOrigin(origin) }),
    ...(fetchedAt !== undefined && { fetchedAt: printable(fetchedAt, Infinity) }),
  };
}

function markSystem(token: UserToken, tokens: readonly UserToken[]): JudgedToken {
  return systemPurposeOf(token, tokens) === undefined ? token : { ...token, isSystem: true };
}

const NO_EVIDENCE =
  "there is no evidence: nothing here holds tokens of MotherDuck users, so nothing was judged. Check what was given.";

function exitCodeOf({ failures, mandatory, advisory }: Omit<AuditSummary, "exitCode">, failOn: FailOn): 0 | 1 | 2 {
  if (failures > 0) return 2;
  if (failOn === "none") return 0;
  return mandatory > 0 || (failOn === "advisory" && advisory > 0) ? 1 : 0;
}
