/** What the listing of users tells of a user, in the API's own words. */
export interface UserDetails {
  /** Absent if the API does not tell, or does not allow this API token to list users. */
  readonly isServiceAccount?: boolean;
  /** Absent if the API does not tell, or does not allow this API token to list users. */
  readonly isDeprovisioned?: boolean;
}

/** A user or service account of an organization: what all shapes of a user extend. */
export interface User extends UserDetails {
  readonly username: string;
}

type Detail = keyof UserDetails;

/** The one list of the details: what a value has to be, to be one. */
const DETAILS: { readonly [Name in Detail]-?: (value: unknown) => value is NonNullable<UserDetails[Name]> } = {
  isServiceAccount: isBoolean,
  isDeprovisioned: isBoolean,
};

/** The names of the details. */
export const DETAIL_NAMES = Object.keys(DETAILS) as readonly Detail[];

/** The details in a value. One that is missing or of another type is left out: the engine cannot carry `undefined`. */
export function detailsOf(value: Readonly<Partial<Record<Detail, unknown>>>): UserDetails {
  return pick(value, (name) => DETAILS[name](value[name]));
}

/** The details in which two users agree: one that only one of them has, or that contradicts the other's, is not known. */
export function agreedDetails(one: UserDetails, other: UserDetails): UserDetails {
  return pick(one, (name) => one[name] !== undefined && one[name] === other[name]);
}

/** Whether two users have the same details. */
export function sameDetails(one: UserDetails, other: UserDetails): boolean {
  return DETAIL_NAMES.every((name) => one[name] === other[name]);
}

/** Whether a value holds no detail of another type. */
export function hasDetails(value: Readonly<Partial<Record<Detail, unknown>>>): boolean {
  return DETAIL_NAMES.every((name) => value[name] === undefined || DETAILS[name](value[name]));
}

/** Users by name, of whom nothing else is known; each once. */
export function usersNamed(usernames: readonly string[]): User[] {
  return [...new Set(usernames)].map((username) => ({ username }));
}

function pick(value: Readonly<Partial<Record<Detail, unknown>>>, isWanted: (name: Detail) => boolean): UserDetails {
  return Object.fromEntries(DETAIL_NAMES.filter(isWanted).map((name) => [name, value[name]]));
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}
