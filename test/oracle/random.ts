import type { Rule } from "../../policies/rule";
import { evidenceFresh, rules, uniqueTokenNames } from "../../policies/rules";
import { createRandom } from "../../tools/random";
import { randomSettings } from "../random-settings";
import type {
  GroupRecord,
  OwnersRecord,
  Settings,
  TokenRecord,
  UserRecord,
  Values,
  WaiverRecord,
} from "./second-facts";
import { OWNER_PATTERNS } from "./second-owners";
import { KNOWN_RULES } from "./second-judge";
import { PATTERNS } from "./second-rules";

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
  const random = createRandom(seed);
  const { chance, int, pick, some } = random;
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

  const maybe = (values: Values): Values => Object.fromEntries(Object.entries(values).filter(() => chance(0.6)));
  const textsFor = (setting: string) => (setting === "pattern" ? Object.keys(PATTERNS) : [...USERS, ...GLOBS]);
  const known = rules.filter(({ name }) => KNOWN_RULES.includes(name));
  const ownOf = (rule: Rule) => randomSettings(rule, random, textsFor);
  const levels = ["mandatory", "advisory", "disabled"];
  const config: Record<string, string | Values> = {};
  for (const rule of known) {
    // A judge without rules about users does not start.
    const level = pick(rule === evidenceFresh ? levels.slice(0, 2) : levels);
    if (chance(0.5))
      config[rule.name] = chance(0.3) ? level : { ...ownOf(rule), ...(chance(0.3) && { enforcementLevel: level }) };
  }

  /** Rules about users; what makes two names one is the same for all of them here. */
  const inGroups = known.filter((rule) => rule.kind === "user");
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
          const values = rule === uniqueTokenNames ? {} : without(ownOf(rule), rule.settingsForAll);
          return [
            rule.name,
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
  const waivable = known.filter((rule) => rule.waivable !== false).map(({ name }) => name);
  const waivers = Array.from({ length: int(6) }, (_, index): WaiverRecord => {
    const holder = pick(users);
    const about = holder.tokens.length > 0 ? pick(holder.tokens) : undefined;
    const token = pick([undefined, about?.id, about?.name || undefined, "a*", "?", "*"]);
    // A wildcard for both is refused.
    const user =
      token === undefined || token === "*" || token === "?"
        ? pick([holder.name, "svc_*", "?*a*"])
        : pick([holder.name, ...GLOBS]);
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
    settings: { ...(preset && { preset }), ...more, rules: config, waivers, groups, ...(chance(0.6) && { owners }) },
  };
}

function without(values: Values, keys: readonly string[] = []): Values {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key)));
}
