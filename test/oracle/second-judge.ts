// A second judge, written from docs/configuration.md and docs/rules/ alone. It shares no code with the rules, on purpose:
// what both get wrong in the same way, they would have to get wrong twice.
import {
  DAY,
  expiry,
  fits,
  type GroupRecord,
  isActive,
  looksLikeAnId,
  ms,
  readDate,
  seen,
  type Settings,
  type TokenRecord,
  type UserRecord,
  type Values,
  type WaiverRecord,
  writes,
} from "./second-facts";
import { ownerOf } from "./second-owners";
import { overlapOf, RULES } from "./second-rules";

/** What one finding is about: a token, or the user with the tokens that count. */
interface Thing {
  readonly level: string;
  readonly token?: TokenRecord;
  readonly tokens?: readonly TokenRecord[];
}

const ABOVE: Readonly<Record<string, string>> = {
  low: "medium",
  medium: "high",
  high: "critical",
  critical: "critical",
};

/** What is found about administrators is one step more severe, but for tokens that cannot write. */
function severityOf(rule: string, user: UserRecord, token: TokenRecord | undefined, settings: Settings): string {
  const { severity = "", hasFixedSeverity: isFixed = false } = RULES[rule] ?? {};
  const canWrite = token ? writes(token) : user.tokens.some(writes);
  return !isFixed && canWrite && isAdmin(user, settings) === true ? (ABOVE[severity] ?? "") : severity;
}

function isAdmin({ roles }: UserRecord, { adminRoles = ["admin"] }: Settings): boolean | undefined {
  return roles?.some((role) => adminRoles.some((admin) => admin.toUpperCase() === role.toUpperCase()));
}

function isMotherDucks(token: TokenRecord, { tokens }: UserRecord): boolean {
  const namesakes = tokens.filter(({ name }) => name === token.name);
  const isReserved = token.name === "MotherDuck Extension" || token.name === "MotherDuck Flights";
  return isReserved && token.type === "read_write" && !token.readOnly && namesakes.length === 1;
}

/** The rules that this judge knows. */
export const KNOWN_RULES = Object.keys(RULES);

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
  const usual = RULES[rule]?.level;
  // What is off stays off for a first look.
  const preferred =
    preset === "strict" ? "mandatory" : preset === "recommended" || usual === "disabled" ? usual : "advisory";
  const level = (enforcementLevel as string | undefined) ?? preferred ?? "";
  return { ...RULES[rule]?.defaults, ...(preset === "strict" ? strict[rule] : {}), ...values, level };
}

/**
 * What is found: a line each, `rule level severity user token tokens waiver owner`. Of a finding about several tokens, `tokens`
 * are all whom it concerns.
 */
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
    const things = new Map<string, Thing>();
    if (level === "disabled") return things;
    const { spares, aboutToken, aboutUser = () => [] } = RULES[rule] ?? {};
    const isSparing = settings.systemTokens === "advisory" && spares === true;
    const isSpared = (token: TokenRecord) => isSparing && isMotherDucks(token, user);
    const active = user.tokens.filter((token) => isActive(token, now));
    const isGone = rule === "deprovisioned-user-has-tokens" ? user.deprovisioned : false;
    const ofTokens = [
      ...user.tokens.filter((token) => aboutToken?.(token, values, now)),
      ...(isGone === true ? active : []),
      ...(rule === "token-owner-required" ? active.filter((token) => !ownerOf(user, token, settings.owners)) : []),
    ];
    for (const token of ofTokens)
      things.set(`token ${token.id}`, { level: isSpared(token) ? "advisory" : level, token });
    const others = { ...user, tokens: user.tokens.filter((token) => !isSpared(token)) };
    const left = aboutUser(others, values, now).map(({ subject = "" }) => subject);
    for (const { subject = "", tokens } of aboutUser(user, values, now))
      things.set(`user ${subject}`, { level: isSparing && !left.includes(subject) ? "advisory" : level, tokens });
    if (isGone === "unknown" && active.length > 0) things.set("user ", { level, tokens: active });
    if (rule === "admin-tokens-limited") {
      const { counted, tooLong, isTooMany } = administratorsExcess(user, values);
      const admin = isAdmin(user, settings);
      if (admin === undefined && (isTooMany || tooLong.length > 0))
        things.set("user ", { level: String(values.onUnknown), tokens: counted });
      if (admin === true && isTooMany) things.set("user ", { level, tokens: counted });
      if (admin === true) for (const token of tooLong) things.set(`token ${token.id}`, { level, token });
    }
    return things;
  }

  function report(rule: string, holder: UserRecord, { level, token, tokens = [] }: Thing): void {
    const { name: user } = holder;
    const concerned = tokens.map(({ id }) => id).sort();
    const owner = settings.owners === undefined ? undefined : ownerOf(holder, token, settings.owners);
    const severity = severityOf(rule, holder, token, settings);
    const holding = waivers
      .filter((waiver) => waiver.rule === rule && faultsOf(waiver, hygiene, now) === 0)
      .filter((waiver) => fits(waiver.user, user) && holdsFor(waiver, token));
    for (const { id } of rule === "evidence-fresh" ? [] : holding) used.add(id);
    const [named] = holding.sort((a, b) =>
      a.expires === b.expires ? (a.id < b.id ? -1 : 1) : a.expires > b.expires ? -1 : 1,
    );
    const [id, waiver] = [token?.id ?? null, named?.id ?? null];
    found.push(JSON.stringify([rule, level, severity, user, id, concerned, waiver, owner ?? null]));
  }

  function administratorsExcess(user: UserRecord, values: Values) {
    const counted = user.tokens.filter((token) => writes(token) && isActive(token, now));
    const tooLong = counted.filter((token) => {
      const [end, start] = [expiry(token), readDate(token.created)];
      return end === undefined || start === undefined || end - start > ms(values.maxDays);
    });
    return { counted, tooLong, isTooMany: counted.length > Number(values.max) + overlapOf(counted, values, now) };
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
        report(rule, user, { ...same[0], level: isMandatory ? "mandatory" : "advisory" });
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
