/** What the listing of users tells of a user, in the API's own words. */
export interface UserDetails {
  /** Absent if the API does not return it, or does not allow this API token to list users. */
  readonly isServiceAccount?: boolean;
  /** Absent if the API does not return it, or does not allow this API token to list users. */
  readonly isDeprovisioned?: boolean;
  /** The user's e-mail address. Absent if there is none, and where personal data is left out. Escaped as the username is. */
  readonly email?: string;
  /**
   * The user's roles, for example `admin`, in alphabetical order. Absent if the API does not return it, or does not allow this
   * API token to list users. Escaped as the username is.
   */
  readonly roles?: readonly string[];
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
  email: isString,
  roles: isListOfStrings,
};

/** The names of the details. */
export const DETAIL_NAMES = Object.keys(DETAILS) as readonly Detail[];

/** The details in a value. One that is missing or of another type is left out: the engine cannot carry `undefined`. */
export function detailsOf(value: Readonly<Partial<Record<Detail, unknown>>>): UserDetails {
  return pick(value, (name) => DETAILS[name](value[name]));
}

/** The details in which two users agree: one that only one of them has, or that contradicts the other's, is not known. */
export function agreedDetails(one: UserDetails, other: UserDetails): UserDetails {
  return pick(one, (name) => one[name] !== undefined && sameDetail(one[name], other[name]));
}

/** Whether two users have the same details. */
export function sameDetails(one: UserDetails, other: UserDetails): boolean {
  return DETAIL_NAMES.every((name) => sameDetail(one[name], other[name]));
}

/** Whether two values of one detail are the same. The order of roles, and one that is there twice, make no difference. */
export function sameDetail(one: UserDetails[Detail], other: UserDetails[Detail]): boolean {
  if (typeof one !== "object" || typeof other !== "object") return one === other;
  return JSON.stringify(sortRoles(one)) === JSON.stringify(sortRoles(other));
}

/** The roles in canonical order, each once. */
export function sortRoles(roles: readonly string[]): string[] {
  // By code unit, not by locale, so that all machines agree.
  return [...new Set(roles)].sort();
}

/** Whether a value holds no detail of another type. */
export function hasDetails(value: Readonly<Partial<Record<Detail, unknown>>>): boolean {
  return DETAIL_NAMES.every((name) => value[name] === undefined || DETAILS[name](value[name]));
}

/** The user with all texts changed. */
export function mapUserTexts<Person extends User>(user: Person, change: (text: string) => string): Person {
  const { username, email, roles } = user;
  return {
    ...user,
    username: change(username),
    ...(email !== undefined && { email: change(email) }),
    ...(roles && { roles: roles.map(change) }),
  };
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

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isListOfStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isString);
}
