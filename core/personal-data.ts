import type { User } from "./user";
import type { UserToken } from "./user-token";

/** What can be done with what may tell of people besides their usernames: e-mail addresses, and descriptions of tokens. */
export const PERSONAL_DATA = ["keep", "omit"] as const;

/** Whether readers keep personal data. */
export type PersonalData = (typeof PERSONAL_DATA)[number];

/** The user without the e-mail address. */
export function withoutEmail<Person extends User>({ email, ...user }: Person): Omit<Person, "email"> {
  void email;
  return user;
}

/** The token without its description. */
export function withoutDescription({ description, ...token }: UserToken): UserToken {
  void description;
  return token;
}
