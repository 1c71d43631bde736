import {
  type GroupRecord,
  OWNER_PATTERNS,
  type OwnersRecord,
  PATTERNS,
  type Settings,
  type TokenRecord,
  type UserRecord,
  type Values,
  type WaiverRecord,
} from "./second-judge";

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The instant of judgement. */
export const NOW = Date.parse("2026-03-01T12:00:00Z");

/** A case: users, and the settings by which they are judged. */
export interface Case {
  readonly users: readonly UserRecord[];
  readonly settings: Settings;
}

/** Numbers from 0 up to 1 that follow from a seed, in every run the same: mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const USERS = [
  "ada",
  "svc_a",
  "svc_ab",
  "svc_b",
  "svc_*",
  "constructor",
  "__proto__",
  "toString",
  "0123",
  "a\tb",
  "a\\u0009b",
];
const GLOBS = ["*", "svc_*", "svc_a*", "svc_?", "*a*", "a?b", "c*r", "nobody", "?*_?"];
const NAMES = [
  "MotherDuck Extension",
  "MotherDuck Flights",
  "motherduck flights",
  "a",
  "ab",
  "A",
  "B",
  "aB",
  "a\tb",
  "a\\u0009b",
  "a b",
  "\t",
  "\u200b",
  "\ufeff \u2028",
  "Straße",
  "STRASSE",
  "straẞe",
  "Σας",
  "σασ",
  "-",
  "🦆",
  "",
];
const ODD_DATES = [
  "2026-02-30",
  "never",
  "",
  "2026-02-28T10:00:60Z",
  "2026-W09-1",
  "2026-03-01T10:00:00,5Z",
  "+12026-01-01T00:00:00Z",
  "2026-3-1",
  "2026-03-01T24:00:01Z",
  "2026-060",
  " 2026-03-01",
  "2026-03-01T10Z",
];
const DESCRIPTIONS = ["owner: eve", "owner: ", "owner: a owner: b", "loads\nowner: x", "\u200b", "#team"];
const DAYS = [1, 4.35, 5, 8.7, 14, 17.4, 30, 33.3, 60, 69.6, 90];

/** A random case. */
export function randomCase(seed: number): Case {
  const random = generator(seed);
  const chance = (share: number) => random() < share;
  const int = (below: number) => Math.floor(random() * below);
  const pick = <T>(items: readonly T[]): T => items[int(items.length)] as T;
  const some = <T>(items: readonly T[], most: number) => Array.from({ length: int(most + 1) }, () => pick(items));
  /** A little more or less, or exactly: limits are where judges differ. */
  const near = () => pick([0, 0, 0, -1, 1, -SECOND, SECOND, -DAY, DAY, -40 * DAY, 40 * DAY]);

  function date(instant: number): string {
    if (chance(0.04)) return pick(ODD_DATES);
    const iso = new Date(instant).toISOString();
    const forms = [
      iso,
      iso.replace("Z", ""),
      iso.replace("T", " ").replace("Z", "+00"),
      iso.replace("Z", "999Z"),
      new Date(instant + 5.5 * HOUR).toISOString().replace("Z", "+05:30"),
      new Date(instant - 8 * HOUR).toISOString().replace("Z", "-0800"),
      ...(instant % 60_000 === 0 ? [iso.replace(/:\d\d\.\d+Z/, "Z")] : []),
      ...(instant % DAY === 0 ? [iso.slice(0, 10)] : []),
    ];
    return pick(forms);
  }

  function token(user: string, index: number): TokenRecord {
    const created = NOW - Math.round(pick([0, ...DAYS, 100, 400]) * DAY) + near();
    const expires = chance(0.5)
      ? created + Math.round(pick(DAYS) * DAY) + near()
      : NOW + Math.round(pick([0, ...DAYS, -3]) * DAY) + near();
    const type = pick(["read_write", "read_write", "read_scaling", "read_scaling", "read_future", ""]);
    return {
      user,
      id: chance(0.5) ? `00000000-0000-4000-8000-00000000000${index}` : `t${index}`,
      ...(chance(0.95) && { name: pick(NAMES) }),
      ...(chance(0.3) && { description: pick(DESCRIPTIONS) }),
      type,
      readOnly: chance(0.1) ? type === "read_write" : type === "read_scaling",
      created: date(created),
      ...(chance(0.85) && { expires: date(expires) }),
    };
  }

  const names = [...new Set([pick(USERS), ...some(USERS, 7)])];
  const users = names.map((name): UserRecord => ({
    name,
    ...(chance(0.97) && {
      readAt: date(NOW - pick([0, HOUR, 24 * HOUR, Math.round(4.35 * HOUR), -300_000]) + pick([0, 1, -1])),
    }),
    deprovisioned: pick([false, false, false, true, "unknown"] as const),
    ...(chance(0.7) && { isService: chance(0.5) }),
    ...(chance(0.5) && { email: pick([`${name.length}@example.com`, "\u200b", " "]) }),
    ...(chance(0.8) && { roles: pick([[], ["admin"], ["Admin", "builder"], ["explorer"], ["org_owner"], ["admins"]]) }),
    tokens: Array.from({ length: int(7) }, (_, index) => token(name, index)),
  }));

  const byType = () =>
    Object.fromEntries(["read_write", "read_scaling"].filter(() => chance(0.4)).map((type) => [type, pick(DAYS)]));
  const maybe = (values: Values): Values => Object.fromEntries(Object.entries(values).filter(() => chance(0.6)));
  const own: Readonly<Record<string, () => Values>> = {
    "evidence-fresh": () => maybe({ maxAgeHours: pick([1, 4.35, 24]) }),
    "tokens-must-expire": () =>
      maybe({ tokenTypes: [pick(["read_write", "read_scaling"])], graceDays: pick([0, ...DAYS]) }),
    "max-read-write-tokens": () =>
      maybe({
        max: int(4),
        perUser: Object.fromEntries(some([...USERS, ...GLOBS], 4).map((key) => [key, int(5)])),
        rotationOverlapDays: pick([0, ...DAYS]),
      }),
    "max-token-lifetime": () => maybe({ maxDays: pick(DAYS), byType: byType() }),
    "max-token-age": () => maybe({ maxDays: pick(DAYS), byType: byType() }),
    "admin-tokens-limited": () =>
      maybe({
        max: int(4),
        rotationOverlapDays: pick([0, ...DAYS]),
        maxDays: pick(DAYS),
        onUnknown: pick(["advisory", "mandatory"]),
      }),
    "token-expiring-soon": () => maybe({ warnDays: pick(DAYS) }),
    "no-expired-tokens": () => maybe({ graceDays: pick([0, ...DAYS]) }),
    "max-tokens-per-user": () => maybe({ max: int(6) }),
    "token-name-required": () => maybe({ pattern: pick(Object.keys(PATTERNS)), ...(chance(0.3) && { flags: "i" }) }),
    "unique-token-names": () => maybe({ ignoreCase: chance(0.7) }),
    "token-owner-required": () => ({}),
    "read-scaling-only": () => maybe({ users: some([...USERS, ...GLOBS], 3) }),
    "token-fields-consistent": () => maybe({ clockSkewSeconds: pick([0, 1, 300, 86_400]) }),
    "deprovisioned-user-has-tokens": () => ({}),
    "inventory-covered": () => maybe({ users: some([...USERS, ...GLOBS], 3) }),
    "waiver-hygiene": () => maybe({ maxDays: pick(DAYS), requireTicket: chance(0.3) }),
  };
  const levels = ["mandatory", "advisory", "disabled"];
  const rules: Record<string, string | Values> = {};
  for (const [rule, values] of Object.entries(own)) {
    // A judge without rules about users does not start.
    const level = pick(rule === "evidence-fresh" ? levels.slice(0, 2) : levels);
    if (chance(0.5))
      rules[rule] = chance(0.3) ? level : { ...values(), ...(chance(0.3) && { enforcementLevel: level }) };
  }

  /** Rules about users; what makes two names one is the same for all of them here. */
  const inGroups = Object.keys(own).filter((rule) => !["inventory-covered", "waiver-hygiene"].includes(rule));
  const groups = Array.from({ length: chance(0.5) ? 0 : 1 + int(3) }, (_, index): GroupRecord => {
    const [byName, byKind] = pick([
      [true, false],
      [false, true],
      [true, true],
    ]);
    return {
      name: `g${index}`,
      ...(byName && { users: [pick([...USERS, ...GLOBS]), ...some([...USERS, ...GLOBS], 2)] }),
      ...(byKind && { accounts: pick(["humans", "serviceAccounts"] as const) }),
      rules: Object.fromEntries(
        some(inGroups, 5).map((rule) => {
          const values = rule === "unique-token-names" ? {} : (own[rule]?.() ?? {});
          return [
            rule,
            chance(0.4) ? pick(levels) : { ...values, ...(chance(0.5) && { enforcementLevel: pick(levels) }) },
          ];
        }),
      ),
    };
  });

  const entries = Array.from({ length: int(7) }, (_, index) => {
    const { name: user, tokens } = pick(users);
    const about = tokens.length > 0 ? pick(tokens) : undefined;
    return {
      ...(chance(0.6) && { user: pick([user, user, ...GLOBS]) }),
      token: pick([about?.id ?? "a", about?.name || "ab", "a*", "*b", "*", "?", "s?r*"]),
      owner: `o${index}`,
    };
  });
  const keyOf = ({ user = "*", token: named }: { user?: string; token: string }) => JSON.stringify([user, named]);
  const owners: OwnersRecord = maybe({
    users: Object.fromEntries(some([...USERS, ...GLOBS], 4).map((key, index) => [key, `u${index}`])),
    // Two about the same are refused.
    tokens: entries.filter((one, index) => entries.findIndex((other) => keyOf(other) === keyOf(one)) === index),
    descriptionPattern: pick(Object.keys(OWNER_PATTERNS)),
    email: chance(0.5),
  });

  const day = (days: number) => new Date(NOW + days * DAY).toISOString().slice(0, 10);
  const waivable = Object.keys(own).filter(
    (rule) => !["evidence-fresh", "inventory-covered", "waiver-hygiene"].includes(rule),
  );
  const waivers = Array.from({ length: int(6) }, (_, index): WaiverRecord => {
    const known = pick(users);
    const about = known.tokens.length > 0 ? pick(known.tokens) : undefined;
    const token = pick([undefined, about?.id, about?.name || undefined, "a*", "?", "*"]);
    // A wildcard for both is refused.
    const user =
      token === undefined || token === "*" || token === "?"
        ? pick([known.name, "svc_*", "?*a*"])
        : pick([known.name, ...GLOBS]);
    return {
      id: `W${index}`,
      rule: pick(waivable),
      user,
      ...(token !== undefined && { token }),
      ...(chance(0.97) && {
        reason: pick(["The vendor cannot rotate", "The vendor cannot rotate", "too short", " ".repeat(20)]),
      }),
      ...(chance(0.97) && { owner: pick(["data@example.com", "data@example.com", "data@example.com", "\u200b"]) }),
      ...(chance(0.5) && { ticket: "SEC-1" }),
      expires: pick([day(0), day(-1), day(1), day(30), day(60), day(90), day(91), day(14), "2026-02-30"]),
    };
  });
  const preset = pick([undefined, "recommended", "strict", "audit"] as const);
  const systemTokens = pick([undefined, "judged", "advisory", "advisory"] as const);
  const adminRoles = pick([undefined, undefined, ["org_owner"], ["ADMIN", "Org_Owner"]]);
  const more = { ...(systemTokens && { systemTokens }), ...(adminRoles && { adminRoles }) };
  return {
    users,
    settings: { ...(preset && { preset }), ...more, rules, waivers, groups, ...(chance(0.6) && { owners }) },
  };
}
