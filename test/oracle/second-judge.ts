// A second judge, written from docs/configuration.md and docs/rules/ alone. It shares no code with the rules, on purpose:
// what both get wrong in the same way, they would have to get wrong twice.

/** A token with what is known about its user: one flat record. */
export interface TokenRecord {
  readonly user: string;
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly type: string;
  readonly readOnly: boolean;
  /** As texts: reading them is judged, too. */
  readonly created: string;
  readonly expires?: string;
}

export interface UserRecord {
  readonly name: string;
  readonly readAt?: string;
  readonly deprovisioned: boolean | "unknown";
  /** Absent where it is not known whether it is a service account. */
  readonly isService?: boolean;
  readonly email?: string;
  /** Absent where the listing does not tell. */
  readonly roles?: readonly string[];
  readonly tokens: readonly TokenRecord[];
}

export type Values = Readonly<Record<string, unknown>>;

export interface WaiverRecord {
  readonly id: string;
  readonly rule: string;
  readonly user: string;
  readonly token?: string;
  readonly reason?: string;
  readonly owner?: string;
  readonly ticket?: string;
  readonly expires: string;
}

export interface GroupRecord {
  readonly name: string;
  readonly users?: readonly string[];
  readonly accounts?: "humans" | "serviceAccounts";
  readonly rules: Readonly<Record<string, string | Values>>;
}

export interface OwnersRecord {
  readonly users?: Readonly<Record<string, string>>;
  readonly tokens?: readonly { readonly user?: string; readonly token: string; readonly owner: string }[];
  readonly descriptionPattern?: string;
  readonly email?: boolean;
}

export interface Settings {
  readonly preset?: "recommended" | "strict" | "audit";
  readonly systemTokens?: "judged" | "advisory";
  readonly adminRoles?: readonly string[];
  readonly rules?: Readonly<Record<string, string | Values>>;
  readonly waivers?: readonly WaiverRecord[];
  readonly groups?: readonly GroupRecord[];
  readonly owners?: OwnersRecord;
}

const DAY = 86_400_000;
const ms = (value: unknown, unit = DAY) => Math.round(Number(value) * unit);

/** A date, or a date and a time to the minute, the second or its fraction; UTC where no offset is there. */
export function readDate(text: string): number | undefined {
  const [, date = "", clock = "", fraction = "", zone = ""] =
    /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d)?)(\.\d+)?([Zz]|[+-]\d\d(?::?\d\d)?)?)?$/.exec(text) ?? [];
  if (date === "" || (fraction !== "" && clock.length < 8)) return undefined;
  const midnight = new Date(`${date}T00:00:00.000Z`);
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== date) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(":").map(Number);
  const isEnd = hours === 24 && minutes === 0 && seconds === 0;
  if ((hours > 23 && !isEnd) || minutes > 59 || seconds > 59) return undefined;
  const [zoneHours, zoneMinutes] = /\d/.test(zone)
    ? [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(":", ""))]
    : [0, 0];
  if (zoneHours > 23 || zoneMinutes > 59) return undefined;
  const offset = (zoneHours * 60 + zoneMinutes) * (zone.startsWith("-") ? -60_000 : 60_000);
  const milliseconds = Math.floor(Number(`0${fraction === "" ? ".0" : fraction.slice(0, 4)}`) * 1000 + 1e-6);
  return midnight.getTime() + ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds - offset;
}

/** `*` is any text, `?` one character, all else itself. */
export function fits(glob: string, text: string): boolean {
  const [first, ...rest] = glob;
  if (first === undefined) return text === "";
  const characters = [...text];
  if (first === "*")
    return [...characters.keys(), characters.length].some((from) =>
      fits(rest.join(""), characters.slice(from).join("")),
    );
  return (
    characters.length > 0 &&
    (first === "?" || first === characters[0]) &&
    fits(rest.join(""), characters.slice(1).join(""))
  );
}

const seen = (text: string) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text);
const fold = (text: string) => text.toLowerCase().replaceAll("ß", "ss").replaceAll("ς", "σ");
const writes = (token: TokenRecord) => token.type !== "read_scaling";
const typeOf = (token: TokenRecord) => (writes(token) ? "read_write" : "read_scaling");
const expiry = (token: TokenRecord) => (token.expires === undefined ? undefined : readDate(token.expires));
const isActive = (token: TokenRecord, now: number) => !((expiry(token) ?? Infinity) <= now);
/** How many characters of a glob are no wildcards. */
const letters = (glob: string) => [...glob].filter((character) => !"*?".includes(character)).length;
const looksLikeAnId = (text: string) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
const isGlob = (text: string) => /[*?]/.test(text);
const own = (table: unknown, key: string): unknown => new Map(Object.entries(table ?? {})).get(key);
const limitFor = (token: TokenRecord, values: Values) => ms(own(values.byType, typeOf(token)) ?? values.maxDays);

/** The number of a user: by name, else by the globs with the most characters that are no wildcards, else the general one. */
function maxOf(user: string, { perUser, max }: Values): number {
  const entries = Object.entries((perUser ?? {}) as Record<string, number>);
  const exact = entries.find(([key]) => key === user);
  if (exact) return exact[1];
  const fitting = entries.filter(([key]) => isGlob(key) && fits(key, user));
  const most = Math.max(...fitting.map(([key]) => letters(key)));
  const best = fitting.filter(([key]) => letters(key) === most).map(([, number]) => number);
  return best.length > 0 ? Math.min(...best) : Number(max);
}

type Judgement<Record> = (record: Record, values: Values, now: number) => boolean;

/** What each rule says about a token. */
export const ABOUT_TOKENS: Readonly<Record<string, Judgement<TokenRecord>>> = {
  "tokens-must-expire": (token, { tokenTypes, graceDays }, now) => {
    const age = now - (readDate(token.created) ?? -Infinity);
    const isSpared = Number(graceDays) > 0 && age >= 0 && age <= ms(graceDays);
    const isMeant = tokenTypes === undefined || (tokenTypes as string[]).includes(typeOf(token));
    return expiry(token) === undefined && isMeant && !isSpared;
  },
  "max-token-lifetime": (token, values) =>
    expiry(token) !== undefined &&
    (expiry(token) ?? 0) - (readDate(token.created) ?? -Infinity) > limitFor(token, values),
  "max-token-age": (token, values, now) =>
    isActive(token, now) && now - (readDate(token.created) ?? -Infinity) > limitFor(token, values),
  "token-expiring-soon": (token, { warnDays }, now) =>
    isActive(token, now) && (expiry(token) ?? Infinity) - now <= ms(warnDays),
  "no-expired-tokens": (token, { graceDays }, now) =>
    !isActive(token, now) && (graceDays === 0 || now - (expiry(token) ?? now) > ms(graceDays)),
  "token-name-required": ({ name = "" }, { pattern, flags }) =>
    !seen(name) ||
    (pattern !== undefined &&
      !(PATTERNS[pattern as string]?.(flags === "i" ? name.toLowerCase() : name, flags === "i") ?? false)),
  "read-scaling-only": (token, { users }, now) =>
    writes(token) && isActive(token, now) && (users as string[]).some((glob) => fits(glob, token.user)),
  "token-fields-consistent": (token, { clockSkewSeconds }, now) => {
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
};

/** Patterns, and what they mean: is this found in the name? @param anyCase the name is in lower case already. */
export const PATTERNS: Readonly<Record<string, (name: string, anyCase: boolean) => boolean>> = {
  "^a": (name) => name.startsWith("a"),
  B$: (name, anyCase) => name.endsWith(anyCase ? "b" : "B"),
  "^a\\sb$": (name) => name === "a\tb" || name === "a b" || name === "a\nb",
  "ab|-": (name) => name.includes("ab") || name.includes("-"),
};

/** What each rule finds about the user as a whole: what tells its findings apart. */
export const ABOUT_USERS: Readonly<Record<string, (user: UserRecord, values: Values, now: number) => string[]>> = {
  "evidence-fresh": ({ readAt }, { maxAgeHours }, now) => {
    const read = readAt === undefined ? undefined : readDate(readAt);
    return read === undefined || read > now + 300_000 || now - read > ms(maxAgeHours, 3_600_000) ? [""] : [];
  },
  "max-read-write-tokens": ({ name, tokens }, values, now) => {
    const counted = tokens.filter((token) => writes(token) && isActive(token, now));
    const overlap = ms(values.rotationOverlapDays);
    const isRotating = overlap > 0 && counted.some((token) => (expiry(token) ?? Infinity) - now <= overlap);
    return counted.length > maxOf(name, values) + (isRotating ? 1 : 0) ? [""] : [];
  },
  "max-tokens-per-user": ({ tokens }, { max }, now) =>
    tokens.filter((token) => isActive(token, now)).length > Number(max) ? [""] : [],
  "unique-token-names": ({ tokens }, { ignoreCase }) => {
    const names = tokens.map(({ name = "" }) => name).filter(seen);
    const keys = ignoreCase ? names.map(fold) : names;
    return [...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))];
  },
};

/** Patterns for descriptions, and what their group holds. */
export const OWNER_PATTERNS: Readonly<Record<string, (description: string) => string | undefined>> = {
  "owner: (\\w*)": (description) => /owner: ([A-Za-z0-9_]*)/.exec(description)?.[1],
  "^(.*)$": (description) => (description.includes("\n") ? undefined : description),
};

/** `owner, how it was found` of a token, or of the user as a whole. */
export function ownerOf(
  { name: user, email = "" }: UserRecord,
  token: TokenRecord | undefined,
  { users = {}, tokens = [], descriptionPattern, email: usesEmail = true }: OwnersRecord = {},
): string | undefined {
  const fitting = tokens.filter((entry) => {
    if (token === undefined || !fits(entry.user ?? "*", user)) return false;
    if (entry.token === token.id) return true;
    return !looksLikeAnId(entry.token) && token.name !== undefined && fits(entry.token, token.name);
  });
  // An id is above each name, a name above each glob.
  const rank = (text: string) => (looksLikeAnId(text) ? 2e9 : isGlob(text) ? letters(text) : 1e9);
  const userRank = (text = "*") => (isGlob(text) ? letters(text) : 1e9);
  let best: (typeof fitting)[number] | undefined;
  for (const entry of fitting) {
    const difference = best && (rank(entry.token) - rank(best.token) || userRank(entry.user) - userRank(best.user));
    if (difference === undefined || difference > 0) best = entry;
  }
  if (best) return `${best.owner}, token setting`;
  const entries = Object.entries(users);
  let named = entries.find(([key]) => key === user);
  if (!named) {
    for (const entry of entries.filter(([key]) => isGlob(key) && fits(key, user))) {
      if (!named || letters(entry[0]) > letters(named[0])) named = entry;
    }
  }
  if (named) return `${named[1]}, user setting`;
  const described =
    descriptionPattern === undefined || token?.description === undefined
      ? undefined
      : OWNER_PATTERNS[descriptionPattern]?.(token.description);
  if (described !== undefined && seen(described)) return `${described}, description`;
  return usesEmail && seen(email) ? `${email}, email` : undefined;
}

/** As the rules' pages tell: level and settings. */
const DEFAULTS: Readonly<Record<string, Values & { readonly level: string }>> = {
  "evidence-fresh": { level: "mandatory", maxAgeHours: 24 },
  "tokens-must-expire": { level: "mandatory", graceDays: 0 },
  "max-read-write-tokens": { level: "mandatory", max: 2, rotationOverlapDays: 0 },
  "max-token-lifetime": { level: "mandatory", maxDays: 90 },
  "max-token-age": { level: "advisory", maxDays: 90 },
  "token-expiring-soon": { level: "advisory", warnDays: 14 },
  "admin-tokens-limited": { level: "advisory", max: 1, rotationOverlapDays: 7, maxDays: 30, onUnknown: "advisory" },
  "no-expired-tokens": { level: "advisory", graceDays: 0 },
  "max-tokens-per-user": { level: "advisory", max: 5 },
  "token-name-required": { level: "advisory" },
  "unique-token-names": { level: "advisory", ignoreCase: false },
  "token-owner-required": { level: "disabled" },
  "read-scaling-only": { level: "mandatory", users: [] },
  "token-fields-consistent": { level: "mandatory", clockSkewSeconds: 300 },
  "deprovisioned-user-has-tokens": { level: "mandatory" },
  "inventory-covered": { level: "mandatory", users: [] },
  "waiver-hygiene": { level: "mandatory", maxDays: 90, requireTicket: false },
};

/** How severe each rule's findings are, as the pages tell. */
const SEVERITY: Readonly<Record<string, string>> = {
  "evidence-fresh": "high",
  "tokens-must-expire": "high",
  "max-read-write-tokens": "medium",
  "max-token-lifetime": "medium",
  "max-token-age": "medium",
  "token-expiring-soon": "low",
  "admin-tokens-limited": "high",
  "no-expired-tokens": "low",
  "max-tokens-per-user": "low",
  "token-name-required": "low",
  "unique-token-names": "low",
  "token-owner-required": "low",
  "read-scaling-only": "high",
  "token-fields-consistent": "medium",
  "deprovisioned-user-has-tokens": "critical",
};

const ABOVE: Readonly<Record<string, string>> = {
  low: "medium",
  medium: "high",
  high: "critical",
  critical: "critical",
};

/** What is found about administrators is one step more severe, but for tokens that cannot write. */
function severityOf(rule: string, user: UserRecord, token: TokenRecord | undefined, settings: Settings): string {
  const severity = SEVERITY[rule] ?? "";
  const isFixed = rule === "evidence-fresh" || rule === "admin-tokens-limited";
  const canWrite = token ? writes(token) : user.tokens.some(writes);
  return !isFixed && canWrite && isAdmin(user, settings) === true ? (ABOVE[severity] ?? "") : severity;
}

function isAdmin({ roles }: UserRecord, { adminRoles = ["admin"] }: Settings): boolean | undefined {
  return roles?.some((role) => adminRoles.some((admin) => admin.toUpperCase() === role.toUpperCase()));
}

/** The rules whose findings are advisory where MotherDuck's own tokens are the cause, and the settings say so. */
const SPARING = [
  "max-token-lifetime",
  "max-token-age",
  "tokens-must-expire",
  "max-read-write-tokens",
  "token-expiring-soon",
  "max-tokens-per-user",
  "token-name-required",
];

function isMotherDucks(token: TokenRecord, { tokens }: UserRecord): boolean {
  const namesakes = tokens.filter(({ name }) => name === token.name);
  const isReserved = token.name === "MotherDuck Extension" || token.name === "MotherDuck Flights";
  return isReserved && token.type === "read_write" && !token.readOnly && namesakes.length === 1;
}

/** The rules that this judge knows. */
export const KNOWN_RULES = Object.keys(DEFAULTS);

/** @param groups the user's, of which the last one wins, setting by setting. */
function valuesOf(
  rule: string,
  { preset = "recommended", rules = {} }: Settings,
  groups: readonly GroupRecord[] = [],
): Values & { readonly level: string } {
  const strict: Readonly<Record<string, Values>> = {
    "max-read-write-tokens": { max: 1 },
    "max-token-lifetime": { maxDays: 30 },
  };
  const written = [rules, ...groups.map((group) => group.rules)].map((source) => source[rule] ?? {});
  const { enforcementLevel, ...values } = Object.assign(
    {},
    ...written.map((one) => (typeof one === "string" ? { enforcementLevel: one } : one)),
  ) as Values;
  const usual = DEFAULTS[rule]?.level;
  // What is off stays off for a first look.
  const preferred =
    preset === "strict" ? "mandatory" : preset === "recommended" || usual === "disabled" ? usual : "advisory";
  const level = (enforcementLevel as string | undefined) ?? preferred ?? "";
  return { ...DEFAULTS[rule], ...(preset === "strict" ? strict[rule] : {}), ...values, level };
}

/** What is found: a line each, `rule level severity user token waiver`. */
export function judge(users: readonly UserRecord[], settings: Settings, now: number): string[] {
  const waivers = settings.waivers ?? [];
  const hygiene = valuesOf("waiver-hygiene", settings);
  const used = new Set<string>();
  const found: string[] = [];

  /** What one rule finds of a user of one kind, by what tells its findings apart. */
  function find(rule: string, user: UserRecord, isService: boolean) {
    const groups = (settings.groups ?? []).filter(
      ({ users: names, accounts }) =>
        (names === undefined || names.some((glob) => fits(glob, user.name))) &&
        (accounts === undefined || (accounts === "serviceAccounts") === isService),
    );
    const values = valuesOf(rule, settings, groups);
    const { level } = values;
    const things = new Map<string, { readonly level: string; readonly token?: TokenRecord }>();
    if (level === "disabled") return things;
    const isSparing = settings.systemTokens === "advisory" && SPARING.includes(rule);
    const isSpared = (token: TokenRecord) => isSparing && isMotherDucks(token, user);
    const active = user.tokens.filter((token) => isActive(token, now));
    const isGone = rule === "deprovisioned-user-has-tokens" ? user.deprovisioned : false;
    const ofTokens = [
      ...user.tokens.filter((token) => ABOUT_TOKENS[rule]?.(token, values, now)),
      ...(isGone === true ? active : []),
      ...(rule === "token-owner-required" ? active.filter((token) => !ownerOf(user, token, settings.owners)) : []),
    ];
    for (const token of ofTokens)
      things.set(`token ${token.id}`, { level: isSpared(token) ? "advisory" : level, token });
    const others = { ...user, tokens: user.tokens.filter((token) => !isSpared(token)) };
    const isLeft = (ABOUT_USERS[rule]?.(others, values, now) ?? []).length > 0;
    for (const subject of ABOUT_USERS[rule]?.(user, values, now) ?? [])
      things.set(`user ${subject}`, { level: isSparing && !isLeft ? "advisory" : level });
    if (isGone === "unknown" && active.length > 0) things.set("user ", { level });
    if (rule === "admin-tokens-limited") {
      const { tooLong, isTooMany } = administratorsExcess(user, values);
      const admin = isAdmin(user, settings);
      if (admin === undefined && (isTooMany || tooLong.length > 0))
        things.set("user ", { level: String(values.onUnknown) });
      if (admin === true && isTooMany) things.set("user ", { level });
      if (admin === true) for (const token of tooLong) things.set(`token ${token.id}`, { level, token });
    }
    return things;
  }

  function report(rule: string, level: string, holder: UserRecord, token?: TokenRecord): void {
    const { name: user } = holder;
    const owner = settings.owners === undefined ? undefined : ownerOf(holder, token, settings.owners);
    const severity = severityOf(rule, holder, token, settings);
    const holding = waivers
      .filter((waiver) => waiver.rule === rule && faultsOf(waiver, hygiene, now) === 0)
      .filter((waiver) => fits(waiver.user, user) && holdsFor(waiver, token));
    for (const { id } of rule === "evidence-fresh" ? [] : holding) used.add(id);
    const [named] = holding.sort((a, b) =>
      a.expires === b.expires ? (a.id < b.id ? -1 : 1) : a.expires > b.expires ? -1 : 1,
    );
    found.push(JSON.stringify([rule, level, severity, user, token?.id ?? null, named?.id ?? null, owner ?? null]));
  }

  function administratorsExcess(user: UserRecord, values: Values) {
    const counted = user.tokens.filter((token) => writes(token) && isActive(token, now));
    const tooLong = counted.filter((token) => {
      const [end, start] = [expiry(token), readDate(token.created)];
      return end === undefined || start === undefined || end - start > ms(values.maxDays);
    });
    const overlap = ms(values.rotationOverlapDays);
    const isRotating = overlap > 0 && counted.some((token) => (expiry(token) ?? Infinity) - now <= overlap);
    return { tooLong, isTooMany: counted.length > Number(values.max) + (isRotating ? 1 : 0) };
  }

  for (const user of users) {
    for (const rule of KNOWN_RULES) {
      // Who may be a person or a service account is judged as both.
      const kinds = user.isService === undefined ? [false, true] : [user.isService];
      const worlds = kinds.map((isService) => find(rule, user, isService));
      const things = new Set(worlds.flatMap((world) => [...world.keys()]));
      for (const thing of things) {
        const same = worlds.flatMap((world) => world.get(thing) ?? []);
        const isMandatory = same.some(({ level }) => level === "mandatory");
        report(rule, isMandatory ? "mandatory" : "advisory", user, same[0]?.token);
      }
    }
  }
  const inventory = valuesOf("inventory-covered", settings);
  for (const expected of inventory.level === "disabled" ? [] : (inventory.users as string[])) {
    if (!users.some(({ name }) => fits(expected, name)))
      found.push(JSON.stringify(["inventory-covered", inventory.level, expected]));
  }
  for (const waiver of hygiene.level === "disabled" ? [] : waivers) {
    const faults = faultsOf(waiver, hygiene, now);
    const isUnused = faults === 0 && !used.has(waiver.id) && users.some(({ name }) => fits(waiver.user, name));
    for (let n = isUnused ? 1 : faults; n > 0; n--)
      found.push(JSON.stringify(["waiver-hygiene", hygiene.level, waiver.id]));
  }
  return found.sort();
}

function holdsFor({ token: wanted }: WaiverRecord, token: TokenRecord | undefined): boolean {
  if (wanted === undefined) return true;
  if (token === undefined) return false;
  if (wanted === token.id) return true;
  return !looksLikeAnId(wanted) && token.name !== undefined && fits(wanted, token.name);
}

/** How many things are wrong with a waiver. It holds to the end of its last day; the cap is counted to that day's beginning. */
function faultsOf(
  { expires, reason = "", owner = "", ticket = "" }: WaiverRecord,
  { maxDays, requireTicket }: Values,
  now: number,
): number {
  const lastDay = readDate(expires);
  const faults = [
    lastDay === undefined || now >= lastDay + DAY || lastDay - now > ms(maxDays),
    !seen(reason) || reason.trim().length < 10,
    !seen(owner),
    requireTicket === true && !seen(ticket),
  ];
  return faults.filter(Boolean).length;
}
