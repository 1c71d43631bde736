import { failuresOf } from "../../audit/failure";
import type { AuditClosing, AuditHeader, Finding, JudgedToken, JudgedUser } from "../../audit/result";
import { DAY, daysToMs } from "../../core/duration";
import { nameOrigin } from "../../core/identity";
import { parseInstant } from "../../core/instant";
import { printable } from "../../core/printable";
import type { UserToken } from "../../core/user-token";
import { expiryOf, TOKEN_TYPES } from "../../policies/token-facts";
import type { Waiver } from "../../policies/waivers";
import { describeSource } from "../vocabulary/names";
import { describeJudged, describeMissing, OUTCOME_TONES, outcomeOf, outcomeTexts } from "../vocabulary/outcome";
import { capitalize } from "../vocabulary/words";
import { collectChanges } from "./changes";
import { readLimits } from "./limits";
import type {
  End,
  FindingData,
  OwnerData,
  PageData,
  PageFacts,
  RuleData,
  TokenData,
  TokenDate,
  UserData,
  WaiverData,
} from "./model";
import { byUrgency } from "./order";
import { levelOf, severityOf } from "./view/finding";

/** How many tokens without findings a report holds, at most; it holds all users. */
export const QUIET_LIMIT = 20_000;

/** Gathers the page's data user by user. */
export class Collector {
  readonly #header: AuditHeader;
  readonly #quietLimit: number;
  readonly #now: number;
  readonly #warnDays: number;
  readonly #rules: RuleData[];
  readonly #users: UserData[] = [];
  readonly #findings: FindingData[] = [];
  /** The fingerprint of each finding, at the same place. */
  readonly #fingerprints: string[] = [];
  readonly #fixes = new Interned<string>();
  readonly #waivers = new Interned<WaiverData>();
  readonly #owners = new Interned<OwnerData>();
  readonly #ends: Record<End, number> = { expired: 0, soon: 0, quarter: 0, later: 0, never: 0 };
  readonly #types = { read_write: 0, read_scaling: 0, other: 0 };
  #leftOut = 0;
  #quiet = 0;

  constructor(header: AuditHeader, quietLimit = QUIET_LIMIT) {
    this.#header = header;
    this.#quietLimit = quietLimit;
    this.#now = parseInstant(header.now) ?? NaN;
    this.#warnDays = readLimits(header.rules).warnDays ?? 14;
    this.#rules = header.rules.map(toRule);
  }

  user(user: JudgedUser): void {
    for (const token of user.tokens) this.#count(token);
    const withFindings = new Set(user.findings.map(({ tokenId }) => tokenId));
    const kept = user.tokens.filter(({ id }) => withFindings.has(id) || this.#quiet++ < this.#quietLimit);
    const leftOut = user.tokens.length - kept.length;
    this.#leftOut += leftOut;
    const index = this.#users.push({ ...toUser(user, kept, leftOut), ...this.#ownerOf(user) }) - 1;
    const places = new Map(kept.map(({ id }, place) => [id, place]));
    for (const finding of user.findings) {
      const token = finding.tokenId === undefined ? undefined : places.get(finding.tokenId);
      this.#add(finding, { user: index, ...(token !== undefined && { token }) });
    }
  }

  end(closing: AuditClosing): { data: PageData; facts: PageFacts } {
    const { sinceLastRun, trend, summary } = closing;
    for (const finding of closing.findings) this.#add(finding, {});
    const changes = collectChanges(closing);
    const missing = describeMissing(this.#header, closing);
    const { word, detail } = outcomeTexts(closing);
    const { version, source, configFile, failOn, failOnNew } = this.#header;
    const data: PageData = {
      ...{ now: this.#now, failOnNew },
      limits: readLimits(this.#header.rules),
      rules: this.#rules,
      users: this.#users,
      findings: this.#findings.map((finding, place) => {
        const age = sinceLastRun?.findings[this.#fingerprints[place] ?? ""];
        if (age?.standing === "new") return { ...finding, fresh: true };
        return age?.standing === "open" && age.daysOpen !== undefined
          ? { ...finding, daysOpen: age.daysOpen }
          : finding;
      }),
      fixes: this.#fixes.values,
      waivers: this.#waivers.values,
      owners: this.#owners.values,
      namesOwners: this.#header.namesOwners === true,
      hasBaseline: this.#findings.some(({ isKnown }) => isKnown !== undefined),
    };
    const facts: PageFacts = {
      ...{ version, failOn },
      ...(configFile !== undefined && { configFile: printable(configFile) }),
      verdict: { tone: OUTCOME_TONES[outcomeOf(closing)], word, detail: capitalize(detail) },
      judged: describeJudged(this.#header, closing),
      ...(missing !== undefined && { missing: printable(missing, 2000) }),
      source: printable(describeSource(source)),
      failures: failuresOf(closing).map(({ subject, message }) => ({
        subject: printable(subject),
        message: printable(message),
      })),
      ...(changes && { changes }),
      ...(trend && { trend }),
      totals: { ...summary, ends: this.#ends, types: this.#types },
      leftOut: this.#leftOut,
    };
    return { data: byUrgency(data), facts };
  }

  #count(token: UserToken): void {
    this.#ends[endOf(token, this.#now, this.#warnDays)]++;
    this.#types[TOKEN_TYPES.find((type) => type === token.tokenType) ?? "other"]++;
  }

  #add(finding: Finding, place: Pick<FindingData, "user" | "token">): void {
    const { waiver, isKnown, about, fact, fix } = finding;
    const rule = this.#ruleOf(finding);
    const data: FindingData = {
      rule,
      ...place,
      text: `${about === undefined ? "" : `${about}: `}${fact}${fix === undefined ? "" : "."}`,
      ...(fix !== undefined && { fix: this.#fixes.place(fix, fix) }),
      ...this.#ownerOf(finding),
      ...(waiver && { waiver: this.#waivers.place(waiver.id, toWaiver(waiver)) }),
      ...(isKnown !== undefined && { isKnown }),
    };
    const { severity, enforcementLevel } = finding;
    const own = {
      ...(levelOf({ rules: this.#rules }, data) !== enforcementLevel && { enforcementLevel }),
      ...(severityOf({ rules: this.#rules }, data) !== severity && { severity }),
    };
    this.#findings.push({ ...data, ...own });
    this.#fingerprints.push(finding.fingerprint);
  }

  #ownerOf({ owner }: Pick<Finding, "owner">): Pick<FindingData, "owner"> {
    if (!owner) return {};
    const { name, foundBy } = owner;
    return { owner: this.#owners.place(JSON.stringify([foundBy, name]), { name: printable(name, 200), foundBy }) };
  }

  /** A finding is never lost, not even one of a rule that the header does not name. */
  #ruleOf({ rule: name, severity, enforcementLevel }: Finding): number {
    const known = this.#rules.findIndex((rule) => rule.name === name);
    if (known >= 0) return known;
    const nothing = { description: "", rationale: "", remediation: "", controls: [], settings: [] };
    return this.#rules.push({ name, displayName: name, severity, enforcementLevel, ...nothing }) - 1;
  }
}

/** Values, each stored once under its key, and referred to by its place. */
class Interned<T> {
  readonly values: T[] = [];
  readonly #places = new Map<string, number>();

  place(key: string, value: T): number {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = this.values.push(value) - 1;
    this.#places.set(key, place);
    return place;
  }
}

function toRule({ settings, groups = [], ...rule }: AuditHeader["rules"][number]): RuleData {
  const all: [name: string, value: unknown][] = [
    ...Object.entries(settings),
    ...groups.map(({ name, config }): [string, unknown] => [`for group ${name}`, config]),
  ];
  return {
    ...rule,
    settings: all
      .map(([name, value]) => [printable(name), printable(JSON.stringify(value) ?? "")] as const)
      // Unset values are left out; an empty list is kept, because with it the rule judges nobody.
      .filter(([, value]) => !["", "{}", '""'].includes(value)),
  };
}

function toUser(user: JudgedUser, kept: readonly JudgedToken[], leftOut: number): UserData {
  const { isServiceAccount, isDeprovisioned, email, roles = [], fetchedAt, urn } = user;
  const organization = nameOrigin(user.origin);
  const read = fetchedAt === undefined ? undefined : parseInstant(fetchedAt);
  return {
    name: printable(user.username, 255),
    ...(organization !== undefined && { organization: printable(organization, 255) }),
    ...(isServiceAccount !== undefined && { account: isServiceAccount ? "service" : "person" }),
    ...(isDeprovisioned && { deprovisioned: isDeprovisioned }),
    ...(email !== undefined && { email: printable(email, 255) }),
    ...(roles.length > 0 && { roles: roles.map((role) => printable(role, 60)) }),
    ...(read !== undefined && { read }),
    ...(urn !== undefined && { urn: printable(urn) }),
    tokens: kept.map(toToken),
    ...(leftOut > 0 && { leftOut }),
  };
}

function toToken(token: JudgedToken): TokenData {
  const { id, name, description, tokenType, readOnly, createdTs, expireAt, isSystem } = token;
  return {
    id: printable(id, 60),
    ...(typeof name === "string" && { name: printable(name, 200) }),
    ...(typeof description === "string" && { description: printable(description, 300) }),
    type: printable(tokenType, 60),
    ...(readOnly && { readOnly }),
    ...(isSystem && { isSystem }),
    created: toDate(createdTs),
    ...(typeof expireAt === "string" && { expires: toDate(expireAt) }),
  };
}

function toDate(text: string): TokenDate {
  return parseInstant(text) ?? printable(text, 60);
}

function toWaiver({ id, owner = "", reason = "", expires, ticket }: Waiver): WaiverData {
  return {
    id: printable(id),
    owner: printable(owner),
    reason: printable(reason),
    expires: printable(expires),
    ...(ticket !== undefined && { ticket: printable(ticket) }),
  };
}

function endOf(token: UserToken, now: number, warnDays: number): End {
  const expiry = expiryOf(token);
  if (expiry === undefined) return "never";
  if (expiry <= now) return "expired";
  const left = expiry - now;
  return left <= daysToMs(warnDays) ? "soon" : left <= 90 * DAY ? "quarter" : "later";
}
