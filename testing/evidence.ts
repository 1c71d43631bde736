import { createHash } from "node:crypto";
import { DAY, MINUTE } from "../core/duration";
import { encodeText } from "../core/printable";
import { PROVENANCE, type Provenance } from "../core/provenance";
import { encodeToken, sortTokens, type UserToken } from "../core/user-token";
import { USER_TOKENS_TYPES } from "../policies/read-evidence";
import type { TestResource } from "./analyze";
import { sentinels } from "./sdk";

/**
 * Values that are not known yet in a preview, by the type they will have, to be put anywhere into the properties of a
 * resource. Reading one ends a policy with an advisory note. (What this package's provider leaves unknown is always a
 * `string`, whatever it will be.)
 *
 * @example
 * await analyzeResource(policies, { props: { username: unknown.string, tokens: unknown.string, _provenance: unknown.string } });
 */
export const unknown = {
  string: sentinels.unknownStringValue,
  array: sentinels.unknownArrayValue,
  boolean: sentinels.unknownBooleanValue,
  object: sentinels.unknownObjectValue,
  number: sentinels.unknownNumberValue,
} as const;

/** The fields of a {@link token}; `undefined` removes an optional field. */
export type TokenFields = {
  readonly [K in keyof UserToken]?: UserToken[K] | (K extends "name" | "description" | "expireAt" ? undefined : never);
};

/**
 * A token that passes every rule with its defaults: `read_write`, made about ten days ago, expiring in thirty. Its id, a UUID,
 * and the minute of its making follow from its name: tokens of different names differ in both, in every run alike.
 *
 * @example
 * token({ name: "nightly", expireAt: undefined }); // never expires
 */
export function token(fields: TokenFields = {}): UserToken {
  const { name = "token" } = fields;
  const now = Date.now();
  const all = {
    id: uuidOf(name),
    name,
    createdTs: new Date(now - 10 * DAY - minuteOf(name) * MINUTE).toISOString(),
    expireAt: new Date(now + 30 * DAY).toISOString(),
    readOnly: fields.tokenType === "read_scaling",
    tokenType: "read_write",
    ...fields,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as unknown as UserToken;
}

/** Options of {@link userTokens}. */
export interface UserEvidenceOptions {
  /** When the tokens were read, ISO 8601. Default: now. */
  readonly fetchedAt?: string | undefined;
  /** The API's base URL. Default: MotherDuck's. */
  readonly apiUrl?: string | undefined;
  /** The organization's name, as `motherduck-tokens:organization` gives it. Default: none. */
  readonly organization?: string | undefined;
}

/**
 * A `UserTokens` resource as this package's provider hands it to policies: the tokens in canonical order, their texts safe
 * to print, and where and when they were read. Its name is the username.
 */
export function userTokens(
  username: string,
  tokens: readonly UserToken[] = [],
  {
    fetchedAt = new Date().toISOString(),
    apiUrl = "https://api.motherduck.com",
    organization,
  }: UserEvidenceOptions = {},
): TestResource & { readonly props: { username: string; tokens: UserToken[]; _provenance: Provenance } } {
  const provenance = { apiUrl, ...(organization !== undefined && { organization }), fetchedAt };
  const props = {
    username: encodeText(username),
    tokens: sortTokens(tokens).map(encodeToken),
    [PROVENANCE]: provenance,
  };
  return { type: USER_TOKENS_TYPES[0], name: username, props };
}

/** The minute of a day, the same for the same name. */
function minuteOf(name: string): number {
  return createHash("sha256").update(name).digest().readUInt32BE() % (DAY / MINUTE);
}

function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
