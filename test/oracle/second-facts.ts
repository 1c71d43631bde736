// What the second judge reads of tokens and settings. It shares no code with the rules, on purpose: what both get wrong in the
// same way, they would have to get wrong twice.

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
  /** Absent if the listing does not include it. */
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

export const DAY = 86_400_000;
/** Days, or another unit, in whole milliseconds. */
export const ms = (value: unknown, unit = DAY) => Math.round(Number(value) * unit);

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

export const seen = (text: string) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text);
export const fold = (text: string) => text.toLowerCase().replaceAll("ß", "ss").replaceAll("ς", "σ");
export const writes = (token: TokenRecord) => token.type !== "read_scaling";
export const typeOf = (token: TokenRecord) => (writes(token) ? "read_write" : "read_scaling");
export const expiry = (token: TokenRecord) => (token.expires === undefined ? undefined : readDate(token.expires));
export const isActive = (token: TokenRecord, now: number) => !((expiry(token) ?? Infinity) <= now);
/** How many characters of a glob are no wildcards. */
export const letters = (glob: string) => [...glob].filter((character) => !"*?".includes(character)).length;
export const looksLikeAnId = (text: string) =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
export const isGlob = (text: string) => /[*?]/.test(text);
const own = (table: unknown, key: string): unknown => new Map(Object.entries(table ?? {})).get(key);
export const limitFor = (token: TokenRecord, values: Values) => ms(own(values.byType, typeOf(token)) ?? values.maxDays);

/** The number of a user: by name, else by the globs with the most characters that are no wildcards, else the general one. */
export function maxOf(user: string, { perUser, max }: Values): number {
  const entries = Object.entries((perUser ?? {}) as Record<string, number>);
  const exact = entries.find(([key]) => key === user);
  if (exact) return exact[1];
  const fitting = entries.filter(([key]) => isGlob(key) && fits(key, user));
  const most = Math.max(...fitting.map(([key]) => letters(key)));
  const best = fitting.filter(([key]) => letters(key) === most).map(([, number]) => number);
  return best.length > 0 ? Math.min(...best) : Number(max);
}
