// The rules a second time, written from docs/configuration.md and docs/rules/ alone: a new rule has its entry here.
import {
  expiry,
  fits,
  fold,
  isActive,
  limitFor,
  maxOf,
  ms,
  readDate,
  seen,
  type TokenRecord,
  typeOf,
  type UserRecord,
  type Values,
  writes,
} from "./second-facts";

/** Tokens that one finding is about: `subject` tells it from others about the same user. */
export interface Group {
  readonly subject?: string;
  readonly tokens: readonly TokenRecord[];
}

/** A rule, as its page tells. */
export interface SecondRule {
  readonly level: "mandatory" | "advisory" | "disabled";
  /** Absent where it is not about users. */
  readonly severity?: "low" | "medium" | "high" | "critical";
  /** Whether that is the same for administrators. */
  readonly hasFixedSeverity?: true;
  /** Whether its findings are advisory where MotherDuck's own tokens are the cause, and the settings say so. */
  readonly spares?: true;
  readonly defaults?: Values;
  /** Whether a token breaks it. */
  readonly aboutToken?: (token: TokenRecord, values: Values, now: number) => boolean;
  /** What it finds about the user as a whole, with the tokens that count. */
  readonly aboutUser?: (user: UserRecord, values: Values, now: number) => readonly Group[];
}

/** By name. What `second-judge.ts` judges by more than these records has no function here. */
export const RULES: Readonly<Record<string, SecondRule>> = {
  "evidence-fresh": {
    ...{ level: "mandatory", severity: "high", hasFixedSeverity: true, defaults: { maxAgeHours: 24 } },
    aboutUser: ({ readAt }, { maxAgeHours }, now) => {
      const read = readAt === undefined ? undefined : readDate(readAt);
      const isOld = read === undefined || read > now + 300_000 || now - read > ms(maxAgeHours, 3_600_000);
      return isOld ? [{ tokens: [] }] : [];
    },
  },
  "tokens-must-expire": {
    ...{ level: "mandatory", severity: "high", spares: true, defaults: { graceDays: 0 } },
    aboutToken: (token, { tokenTypes, graceDays }, now) => {
      const age = now - (readDate(token.created) ?? -Infinity);
      const isSpared = Number(graceDays) > 0 && age >= 0 && age <= ms(graceDays);
      const isMeant = tokenTypes === undefined || (tokenTypes as string[]).includes(typeOf(token));
      return expiry(token) === undefined && isMeant && !isSpared;
    },
  },
  "max-read-write-tokens": {
    ...{ level: "mandatory", severity: "medium", spares: true, defaults: { max: 2, rotationOverlapDays: 0 } },
    aboutUser: ({ name, tokens }, values, now) => {
      const counted = tokens.filter((token) => writes(token) && isActive(token, now));
      return counted.length > maxOf(name, values) + overlapOf(counted, values, now) ? [{ tokens: counted }] : [];
    },
  },
  "max-token-lifetime": {
    ...{ level: "mandatory", severity: "medium", spares: true, defaults: { maxDays: 90 } },
    aboutToken: (token, values) =>
      expiry(token) !== undefined &&
      (expiry(token) ?? 0) - (readDate(token.created) ?? -Infinity) > limitFor(token, values),
  },
  "max-token-age": {
    ...{ level: "advisory", severity: "medium", spares: true, defaults: { maxDays: 90 } },
    aboutToken: (token, values, now) =>
      isActive(token, now) && now - (readDate(token.created) ?? -Infinity) > limitFor(token, values),
  },
  "admin-tokens-limited": {
    ...{ level: "advisory", severity: "high", hasFixedSeverity: true },
    defaults: { max: 1, rotationOverlapDays: 7, maxDays: 30, onUnknown: "advisory" },
  },
  "token-expiring-soon": {
    ...{ level: "advisory", severity: "low", spares: true, defaults: { warnDays: 14 } },
    aboutToken: (token, { warnDays }, now) => isActive(token, now) && (expiry(token) ?? Infinity) - now <= ms(warnDays),
  },
  "no-expired-tokens": {
    ...{ level: "advisory", severity: "low", defaults: { graceDays: 0 } },
    aboutToken: (token, { graceDays }, now) =>
      !isActive(token, now) && (graceDays === 0 || now - (expiry(token) ?? now) > ms(graceDays)),
  },
  "max-tokens-per-user": {
    ...{ level: "advisory", severity: "low", spares: true, defaults: { max: 5 } },
    aboutUser: (user, { max }, now) => {
      const tokens = user.tokens.filter((token) => isActive(token, now));
      return tokens.length > Number(max) ? [{ tokens }] : [];
    },
  },
  "token-name-required": {
    ...{ level: "advisory", severity: "low", spares: true },
    aboutToken: ({ name = "" }, { pattern, flags }) =>
      !seen(name) || (pattern !== undefined && !finds(pattern as string, flags === "i" || flags === "iu", name)),
  },
  "unique-token-names": {
    ...{ level: "advisory", severity: "low", defaults: { ignoreCase: false } },
    aboutUser: ({ tokens }, { ignoreCase }) => {
      const keyOf = ({ name = "" }: TokenRecord) => (ignoreCase ? fold(name) : name);
      const named = tokens.filter(({ name = "" }) => seen(name));
      return [...new Set(named.map(keyOf))]
        .map((subject) => ({ subject, tokens: named.filter((token) => keyOf(token) === subject) }))
        .filter((group) => group.tokens.length > 1);
    },
  },
  "token-owner-required": { level: "disabled", severity: "low" },
  "read-scaling-only": {
    ...{ level: "mandatory", severity: "high", defaults: { users: [] } },
    aboutToken: (token, { users }, now) =>
      writes(token) && isActive(token, now) && (users as string[]).some((glob) => fits(glob, token.user)),
  },
  "token-fields-consistent": {
    ...{ level: "mandatory", severity: "medium", defaults: { clockSkewSeconds: 300 } },
    aboutToken: (token, { clockSkewSeconds }, now) => {
      const created = readDate(token.created);
      return (
        !["read_write", "read_scaling"].includes(token.type) ||
        created === undefined ||
        (token.expires !== undefined && expiry(token) === undefined) ||
        (token.type === "read_write" && token.readOnly) ||
        created > now + ms(clockSkewSeconds, 1000) ||
        (expiry(token) ?? Infinity) < created
      );
    },
  },
  "deprovisioned-user-has-tokens": { level: "mandatory", severity: "critical" },
  "inventory-covered": { level: "mandatory", defaults: { users: [] } },
  "waiver-hygiene": { level: "mandatory", defaults: { maxDays: 90, requireTicket: false } },
};

/** One token more is tolerated while a counted one is about to expire. */
export function overlapOf(counted: readonly TokenRecord[], { rotationOverlapDays }: Values, now: number): number {
  const overlap = ms(rotationOverlapDays);
  return overlap > 0 && counted.some((token) => (expiry(token) ?? Infinity) - now <= overlap) ? 1 : 0;
}

function finds(pattern: string, anyCase: boolean, name: string): boolean {
  return PATTERNS[pattern]?.(anyCase ? name.toLowerCase() : name, anyCase) ?? false;
}

/** Patterns, and what they mean: is this found in the name? @param anyCase the name is in lower case already. */
export const PATTERNS: Readonly<Record<string, (name: string, anyCase: boolean) => boolean>> = {
  "^a": (name) => name.startsWith("a"),
  B$: (name, anyCase) => name.endsWith(anyCase ? "b" : "B"),
  "^a\\sb$": (name) => name === "a\tb" || name === "a b" || name === "a\nb",
  "ab|-": (name) => name.includes("ab") || name.includes("-"),
};
