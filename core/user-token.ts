import { compileGlob } from "./glob";
import { parseInstant } from "./instant";
import { decodeText, encodeText } from "./printable";

/**
 * The kind of access that a token grants, in the API's own words. Values that this version does not know are kept, so that
 * rules can judge them; they count as `read_write`.
 */
export type TokenType = "read_write" | "read_scaling" | (string & {});

/**
 * One API token of a MotherDuck user: metadata only, never the token's secret.
 *
 * Source: `GET /v1/users/{username}/tokens`; the field names are the API's, in camelCase.
 */
export interface UserToken {
  /** The token's id, a UUID. It is what the API needs to revoke the token. */
  readonly id: string;
  /**
   * The name given at creation. Absent if the API sends none. Characters that are unsafe to print are escaped, as in
   * `\u001b`, and a backslash before `u001b` as `\u005c`.
   */
  readonly name?: string;
  /**
   * What the token is for, in somebody's own words, given at creation. Absent if there is none, and if the API does not
   * return descriptions yet. Escaped as the name is.
   */
  readonly description?: string;
  /** When the token expires, as the API wrote it (ISO 8601). Absent where the token never expires. */
  readonly expireAt?: string;
  /** When the token was created, as the API wrote it (ISO 8601). */
  readonly createdTs: string;
  /** Whether the token can only read. */
  readonly readOnly: boolean;
  /** `read_write` or `read_scaling`. */
  readonly tokenType: TokenType;
}

/**
 * The token with all its texts encoded by {@link encodeText}. The engine prints them unescaped, in `--diff` and in outputs,
 * so a name could clear the screen or forge a line there.
 */
export function encodeToken(token: UserToken): UserToken {
  return mapTexts(token, encodeText);
}

/** Restores the token that {@link encodeToken} encoded: what rules judge. */
export function decodeToken(token: UserToken): UserToken {
  return mapTexts(token, decodeText);
}

/** Returns the same object if nothing changes, as is nearly always so: each policy decodes each token. */
function mapTexts(token: UserToken, change: (text: string) => string): UserToken {
  const changed: Record<string, string> = {};
  for (const [key, value] of Object.entries(token) as [string, unknown][]) {
    if (typeof value !== "string") continue;
    const text = change(value);
    if (text !== value) changed[key] = text;
  }
  return Object.keys(changed).length > 0 ? { ...token, ...changed } : token;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text looks like a token's id. */
export function isTokenId(text: string): boolean {
  return UUID.test(text);
}

/**
 * Compiles how settings name tokens: an id, or a glob for names. What looks like an id is compared with ids only: a token could
 * be named like another's id.
 */
export function compileTokenGlob(pattern: string): (token: Pick<UserToken, "id" | "name">) => boolean {
  const matches = compileGlob(pattern);
  const isId = isTokenId(pattern);
  return ({ id, name }) => id === pattern || (!isId && typeof name === "string" && matches(name));
}

/** Returns the tokens in canonical order: by the instant of `createdTs` (unparseable ones last), then by `id`. */
export function sortTokens(tokens: readonly UserToken[]): UserToken[] {
  const keyed = tokens.map((token) => ({ token, created: parseInstant(token.createdTs) ?? Infinity }));
  keyed.sort((a, b) => (a.created === b.created ? compareText(a.token.id, b.token.id) : a.created - b.created));
  return keyed.map(({ token }) => token);
}

/**
 * Whether two values hold the same set of tokens, in any order. A value that is not a list of tokens (from an older
 * version's state, or redacted) never equals anything.
 */
export function sameTokens(a: unknown, b: unknown): boolean {
  return isTokenList(a) && isTokenList(b) && canonicalText(a) === canonicalText(b);
}

/**
 * Whether a list of tokens tells what is true. A description that it leaves out is no lie: what read it may be of a version
 * that did not know descriptions.
 */
export function tellsTruth(told: unknown, real: readonly UserToken[]): boolean {
  if (!isTokenList(told)) return false;
  const byId = new Map(told.map((token) => [token.id, token]));
  return sameTokens(
    told,
    real.map((token) => asTold(token, byId.get(token.id))),
  );
}

/** A token, without its description where the one that tells of it leaves that out. */
export function asTold(real: UserToken, told: UserToken | undefined): UserToken {
  const { description, ...rest } = real;
  return description === undefined || typeof told?.description === "string" ? real : rest;
}

/** Whether a value is a list of tokens as this version writes them. */
export function isTokenList(value: unknown): value is UserToken[] {
  return Array.isArray(value) && value.every(isToken);
}

function isToken(value: unknown): value is UserToken {
  if (typeof value !== "object" || value === null) return false;
  const token = value as Record<string, unknown>;
  return (
    typeof token.id === "string" &&
    typeof token.createdTs === "string" &&
    typeof token.readOnly === "boolean" &&
    typeof token.tokenType === "string" &&
    isOptionalString(token.name) &&
    isOptionalString(token.description) &&
    isOptionalString(token.expireAt)
  );
}

function isOptionalString(value: unknown): boolean {
  return value === undefined || value === null || typeof value === "string";
}

function canonicalText(tokens: UserToken[]): string {
  return JSON.stringify(
    sortTokens(tokens).map((t) => [
      t.id,
      t.name ?? null,
      t.description ?? null,
      t.expireAt ?? null,
      t.createdTs,
      t.readOnly,
      t.tokenType,
    ]),
  );
}

// By code unit, not by locale, so that all machines agree.
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
