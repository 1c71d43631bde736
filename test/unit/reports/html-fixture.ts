import { createHash } from "node:crypto";
import type { AuditClosing, AuditHeader, Failure, Finding, JudgedUser } from "../../../audit/result";
import { describeRules } from "../../../audit/judge";
import { sortTokens, type UserToken } from "../../../core/user-token";
import { type PolicyConfig, resolveConfiguration } from "../../../policies/configuration/configuration";
import { createSettingsInForce } from "../../../policies/settings-in-force";
import { judgeInGroups } from "../../../policies/user-judge";
import { formatViolation, type UserEvidence, type UserRule } from "../../../policies/rule";
import { waiverHygiene } from "../../../policies/rules";
import { createWaiverMatcher } from "../../../policies/waivers";
import { htmlReport } from "../../../reports/html";
import { at, NOW, waiver } from "../support";
import { reportedRules } from "./fixture";

const reportedUserRules = reportedRules.filter((rule): rule is UserRule => rule.kind === "user");

/** Who holds what. */
export type Holder = Omit<UserEvidence, "fetchedAt" | "isDeprovisioned"> & Pick<JudgedUser, "isDeprovisioned">;

/** An audit as reports get it: judged by the real rules. */
export interface Audit {
  readonly header: AuditHeader;
  readonly users: readonly JudgedUser[];
  readonly closing: AuditClosing;
}

export interface AuditOptions extends Partial<Pick<AuditHeader, "failOn" | "failOnNew" | "configFile">> {
  readonly config?: PolicyConfig;
  readonly failures?: readonly Failure[];
  /** Whether the baseline knows a finding; default: there is none. */
  readonly isKnown?: (finding: Finding) => boolean;
}

/** Judges holders at {@link NOW}. */
export function judge(holders: readonly Holder[], options: AuditOptions = {}): Audit {
  const { config = {}, failures = [], failOn = "mandatory", failOnNew = false, isKnown, configFile } = options;
  const configuration = resolveConfiguration({ name: "test", config });
  const { namesOwners } = configuration;
  const findWaiver = createWaiverMatcher(configuration.waivers, configuration.waiverLimits, NOW);
  const judging = { configuration, settings: createSettingsInForce(configuration), namesOwners, findWaiver, now: NOW };
  const header: AuditHeader = {
    version: "0.1.0",
    now: at(0),
    source: { kind: "api", name: "https://api.motherduck.com" },
    rules: describeRules(configuration).filter(({ name }) => reportedRules.some((rule) => rule.name === name)),
    failOn,
    failOnNew,
    ...(namesOwners && { namesOwners }),
    ...(configFile !== undefined && { configFile }),
  };
  const usedWaivers = new Set<string>();
  const marked = (finding: Finding) => ({ ...finding, ...(isKnown && { isKnown: isKnown(finding) }) });
  const users = holders.map(({ isDeprovisioned, ...holder }): JudgedUser => {
    const shown = { ...holder, tokens: sortTokens(holder.tokens), fetchedAt: at(0, -60_000) };
    const details = typeof isDeprovisioned === "boolean" ? { isDeprovisioned } : {};
    const user = { ...shown, ...details, isListingExpected: isDeprovisioned === "unknown" };
    const findings = reportedUserRules.flatMap((rule) => {
      const level = configuration.policyLevel(rule);
      if (level === "disabled") return [];
      return judgeInGroups(rule, user, judging).map((violation): Finding => {
        const { tokenId, fact, fix, username, owner } = violation;
        if (violation.waiver) usedWaivers.add(violation.waiver.id);
        return marked({
          rule: rule.name,
          severity: rule.severity,
          enforcementLevel: violation.waiver ? level : (violation.enforcementLevel ?? level),
          ...{ fact, ...(fix !== undefined && { fix }), message: formatViolation(violation) },
          username,
          ...(tokenId !== undefined && { tokenId }),
          ...(owner && { owner }),
          fingerprint: fingerprint(rule.name, username, tokenId ?? ""),
          ...(violation.waiver && { waiver: violation.waiver }),
        });
      });
    });
    const owner = namesOwners ? configuration.findOwner(user) : undefined;
    return { ...shown, ...(owner && { owner }), ...(isDeprovisioned !== undefined && { isDeprovisioned }), findings };
  });
  const stack = { usernames: users.map(({ username }) => username), hasUnknown: false, usedWaivers };
  const hygiene = waiverHygiene
    .check({ ...stack, waivers: configuration.waivers }, configuration.settings(waiverHygiene), NOW)
    .map((violation): Finding => {
      const { name, severity } = waiverHygiene;
      const { about, fact, fix } = violation;
      const message = formatViolation(violation);
      return marked({
        rule: name,
        severity,
        enforcementLevel: configuration.level(waiverHygiene) === "mandatory" ? "mandatory" : "advisory",
        ...{ ...(about !== undefined && { about }), fact, ...(fix !== undefined && { fix }), message },
        fingerprint: fingerprint(name, message, ""),
      });
    });
  return { header, users, closing: close(header, users, hygiene, failures) };
}

function close(
  { failOn, failOnNew }: AuditHeader,
  users: readonly JudgedUser[],
  findings: readonly Finding[],
  failures: readonly Failure[],
): AuditClosing {
  const all = [...users.flatMap((user) => user.findings), ...findings];
  const counting = all.filter((finding) => !finding.waiver && !(failOnNew && finding.isKnown));
  const count = (level: string) => counting.filter(({ enforcementLevel }) => enforcementLevel === level).length;
  const [mandatory, advisory] = [count("mandatory"), count("advisory")];
  const isFailing = (mandatory > 0 && failOn !== "none") || (advisory > 0 && failOn === "advisory");
  const waived = all.filter((finding) => finding.waiver).length;
  const tokens = users.reduce((sum, user) => sum + user.tokens.length, 0);
  const known = all.length - counting.length - waived;
  const exitCode = failures.length > 0 ? 2 : isFailing ? 1 : 0;
  const summary = {
    users: users.length,
    tokens,
    mandatory,
    advisory,
    waived,
    known,
    failures: failures.length,
    exitCode,
  };
  return { findings, failures, summary: summary as AuditClosing["summary"] };
}

/** The HTML report of an audit. */
export function htmlOf({ header, users, closing }: Audit): string {
  const writer = htmlReport(header, { color: false });
  return users.map((user) => writer.user(user)).join("") + writer.end(closing);
}

function fingerprint(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** A token id that looks like one, the same for the same number. */
export function tokenId(n: number): string {
  const hex = createHash("md5").update(String(n)).digest("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function token(n: number, name: string, created: number, lifetime?: number, tokenType = "read_write"): UserToken {
  return {
    id: tokenId(n),
    name,
    createdTs: at(created),
    ...(lifetime !== undefined && { expireAt: at(created + lifetime) }),
    readOnly: tokenType === "read_scaling",
    tokenType,
  };
}

/** Ten tokens of five users: one of everything that a report has to show. */
export function smallAudit(options: AuditOptions = {}): Audit {
  return judge(
    [
      {
        username: "ada",
        isServiceAccount: false,
        tokens: [token(1, "laptop", -20, 60), token(2, "notebook", -74, 80)],
      },
      {
        username: "grace",
        isServiceAccount: false,
        tokens: [token(3, "old-laptop", -130, 200), token(4, "experiment", -45, 90), token(5, "laptop", -12, 30)],
      },
      {
        username: "svc_bi",
        isServiceAccount: true,
        tokens: [token(6, "dashboards", -210), token(7, "dashboards-eu", -30, 90, "read_scaling")],
      },
      {
        username: "svc_etl",
        isServiceAccount: true,
        tokens: [token(8, "nightly", -85, 365), token(9, "hourly", -100, 90)],
      },
      { username: "linus", isServiceAccount: false, isDeprovisioned: true, tokens: [token(10, "jupyter", -40, 85)] },
    ],
    {
      configFile: "motherduck-tokens.yaml",
      config: {
        waivers: [
          waiver({
            id: "WVR-2026-014",
            rule: "max-token-lifetime",
            user: "svc_etl",
            reason: "The vendor cannot rotate before Q2",
            ticket: "SEC-421",
            expires: "2026-04-30",
          }),
        ],
      },
      ...options,
    },
  );
}

/** An organization of this many tokens, the same in every run. */
export function largeAudit(tokens: number, options: AuditOptions = {}): Audit {
  let state = 7;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T;
  const holders: Holder[] = [];
  for (let n = 0; n < tokens;) {
    const isServiceAccount = random() < 0.4;
    const team = pick(["etl", "bi", "ml", "web", "ops", "finance"]);
    const person = pick(["ada", "grace", "linus", "barbara", "edsger", "frances", "alan", "joan"]);
    const number = String(holders.length).padStart(4, "0");
    const own: UserToken[] = [];
    for (let left = Math.min(1 + Math.floor(random() * 6), tokens - n); left > 0; left--, n++) {
      const name = `${pick(["laptop", "notebook", "nightly", "hourly", "dashboards", "ci", "dbt"])}-${own.length + 1}`;
      const lifetime = random() < 0.06 ? undefined : pick([30, 60, 90, 90, 90, 90, 180, 365]);
      const created = -Math.floor(random() * (lifetime ?? 400) * 1.04);
      own.push(token(n, name, created, lifetime, random() < 0.35 ? "read_scaling" : "read_write"));
    }
    holders.push({
      username: isServiceAccount ? `svc_${team}_${number}` : `${person}.${team}.${number}`,
      isServiceAccount,
      isDeprovisioned: random() < 0.004,
      tokens: own,
    });
  }
  const waivers = [
    waiver({ id: "WVR-1", user: "svc_ml_*" }),
    waiver({ id: "WVR-2", rule: "max-token-age", user: "svc_bi_*" }),
  ];
  return judge(holders, { config: { waivers }, ...options });
}
