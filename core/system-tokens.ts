import type { UserToken } from "./user-token";

/** The names that MotherDuck gives to tokens that it makes by itself, and what it makes them for. */
export const SYSTEM_TOKEN_NAMES = {
  "MotherDuck Extension": "extension",
  "MotherDuck Flights": "flights",
} as const;

/** What MotherDuck makes a token for. */
export type SystemPurpose = (typeof SYSTEM_TOKEN_NAMES)[keyof typeof SYSTEM_TOKEN_NAMES];

/**
 * What MotherDuck made a token for; `undefined` for all others. The listing does not tell who made a token: this goes by the
 * name, exactly, by the type, and by the user having no other token of that name. So a user can make one that looks the
 * same, but none beside MotherDuck's own.
 *
 * @param tokens all tokens of the user.
 */
export function systemPurposeOf(
  { name, tokenType, readOnly }: UserToken,
  tokens: readonly UserToken[],
): SystemPurpose | undefined {
  if (!isReserved(name) || tokenType !== "read_write" || readOnly) return undefined;
  return tokens.filter((token) => token.name === name).length === 1 ? SYSTEM_TOKEN_NAMES[name] : undefined;
}

function isReserved(name: string | undefined): name is keyof typeof SYSTEM_TOKEN_NAMES {
  return name !== undefined && Object.hasOwn(SYSTEM_TOKEN_NAMES, name);
}
