import { printable } from "./printable";

/** How an owner can be found, the strongest first. */
export const OWNER_SOURCES = ["token setting", "user setting", "description", "email"] as const;

/** Who answers for a token or a user: a team, a person, a channel. */
export interface Owner {
  readonly name: string;
  /** By the settings' entry for the token or for the user, by the token's description, or by the user's e-mail. */
  readonly foundBy: (typeof OWNER_SOURCES)[number];
}

/** The owners of a user's tokens, and of the user as a whole. */
export interface UserOwners {
  /** Absent where the user has none. */
  readonly user?: Owner;
  /** By the token's id; tokens without an owner are not there. */
  readonly tokens: ReadonlyMap<string, Owner>;
}

/** Characters of an owner's name that settings allow, and that messages show. */
export const MAX_OWNER_NAME = 200;

/** `owned by data-platform (user setting)`. Safe to print. */
export function describeOwner({ name, foundBy }: Owner): string {
  return `owned by ${printable(name, MAX_OWNER_NAME)} (${foundBy})`;
}
