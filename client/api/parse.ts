import * as v from "valibot";
import { printable, quoted } from "../../core/printable";
import { detailsOf, sortRoles, type User } from "../../core/user";
import type { UserToken } from "../../core/user-token";
import { type ReadTarget, ResponseError } from "../errors";

/** One page of a token listing, in this project's words. */
export interface TokensPage {
  readonly tokens: UserToken[];
  /** What to send as `page_token` for the next page; absent on the last one. */
  readonly nextPageToken?: string;
}

// The wire's snake_case ends in this file. Unknown fields are ignored, a null optional field is an absent one, and
// `token_type` and the dates stay as they are: what is odd about them is for the rules to judge.
const WireToken = v.object({
  id: v.pipe(v.string(), v.nonEmpty()),
  name: v.nullish(v.string()),
  description: v.nullish(v.string()),
  expire_at: v.nullish(v.string()),
  created_ts: v.string(),
  read_only: v.boolean(),
  token_type: v.string(),
});

const WirePage = v.object({ tokens: v.array(WireToken) });

/**
 * Parses the body of `GET /v1/users/{username}/tokens`.
 *
 * @throws ResponseError that names the field and the token. A body without a list is an error, never an empty list.
 */
export function parseTokensPage(body: unknown, target: ReadTarget): TokensPage {
  return { tokens: parsePage(WirePage, body, target).tokens.map(toUserToken), ...nextPage(body, target) };
}

/** One page of the listing of users, in this project's words. */
export interface UsersPage {
  readonly users: readonly ListedUser[];
  /** How many users the whole listing has; absent if the API does not return it. */
  readonly totalCount?: number;
  readonly nextPageToken?: string;
}

/** A user with the id by which the listing tells users apart. */
export interface ListedUser extends User {
  readonly id: string;
}

const WireUser = v.object({
  id: v.pipe(v.string(), v.nonEmpty()),
  username: v.pipe(v.string(), v.nonEmpty()),
  is_service_account: v.nullish(v.boolean()),
  is_deprovisioned: v.nullish(v.boolean()),
  email: v.nullish(v.string()),
  roles: v.nullish(v.array(v.string())),
});

const WireUsersPage = v.object({ users: v.array(WireUser), total_count: v.nullish(v.number()) });

/**
 * Parses the body of `GET /v1/users`.
 *
 * @throws ResponseError that names the field and the user. A body without a list is an error, never an empty list.
 */
export function parseUsersPage(body: unknown, target: ReadTarget): UsersPage {
  const { users, total_count } = parsePage(WireUsersPage, body, target);
  return {
    users: users.map(toListedUser),
    ...(typeof total_count === "number" && { totalCount: total_count }),
    ...nextPage(body, target),
  };
}

function toListedUser(wire: v.InferOutput<typeof WireUser>): ListedUser {
  const { id, username, is_service_account, is_deprovisioned, email, roles } = wire;
  return {
    id,
    username,
    ...detailsOf({
      isServiceAccount: is_service_account,
      isDeprovisioned: is_deprovisioned,
      email: email ? hideTokens(email) : undefined,
      roles: roles && sortRoles(roles.map(hideTokens)),
    }),
  };
}

function parsePage<Schema extends v.GenericSchema>(
  schema: Schema,
  body: unknown,
  target: ReadTarget,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, body, { abortEarly: true });
  if (!result.success) throw new ResponseError(target, describeMismatch(result.issues[0], body));
  return result.output;
}

function nextPage(body: unknown, target: ReadTarget): { nextPageToken?: string } {
  const nextPageToken = findCursor(parsePage(WireCursors, body, target));
  return nextPageToken === undefined ? {} : { nextPageToken };
}

function toUserToken(wire: v.InferOutput<typeof WireToken>): UserToken {
  return {
    id: wire.id,
    // Absent, not undefined: the engine cannot carry undefined.
    ...(typeof wire.name === "string" && { name: wire.name }),
    ...(wire.description && { description: hideTokens(wire.description) }),
    ...(typeof wire.expire_at === "string" && { expireAt: wire.expire_at }),
    createdTs: wire.created_ts,
    readOnly: wire.read_only,
    tokenType: wire.token_type,
  };
}

// MotherDuck's API tokens are JSON Web Tokens: three parts in base64url, the first of which is a JSON object.
const API_TOKEN = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;

/** Where people note things they paste secrets: no API token goes from a free text into a state. */
function hideTokens(text: string): string {
  return text.replace(API_TOKEN, "[token]");
}

function describeMismatch(issue: v.BaseIssue<unknown>, body: unknown): string {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  const field = path === "" ? "the body" : `field ${path.slice(1)}`;
  const found = describeFound(issue);
  return (
    `in the answer (status 200), ${field}${itemAt(issue, body)} ${found}. ` +
    `The API may have changed: look for a newer version of this package.`
  );
}

function describeFound({ type, received, expected }: v.BaseIssue<unknown>): string {
  if (received === "undefined") return "is missing";
  if (type === "non_empty") return "is empty, expected a non-empty string";
  return `is ${printable(received, 60)}, expected ${expected ?? "something else"}`;
}

/** The id of the token or user that an issue is about. */
function itemAt(issue: v.BaseIssue<unknown>, body: unknown): string {
  const [list, index] = (issue.path ?? []).map(({ key }) => key);
  if (typeof list !== "string" || typeof index !== "number") return "";
  const id = (body as Record<string, { id?: unknown }[]>)[list]?.[index]?.id;
  return typeof id === "string" ? ` (${list.replace(/s$/, "")} ${quoted(id, 60)})` : "";
}

const Cursor = v.nullish(v.string());

/**
 * The API declares no paging, but its vendor's own client looks for a cursor in these places. One that is not text is an
 * error: an unread page would look like "these tokens are gone".
 */
const WireCursors = v.object({
  next_cursor: Cursor,
  next_page_token: Cursor,
  pagination: v.optional(
    v.pipe(
      v.unknown(),
      v.transform((value) => (typeof value === "object" ? (value ?? {}) : {})),
      v.object({ next_cursor: Cursor, next_page_token: Cursor, cursor: Cursor }),
    ),
  ),
});

/** The first cursor, in the order in which the vendor's client looks. */
function findCursor({ pagination = {}, ...top }: v.InferOutput<typeof WireCursors>): string | undefined {
  const { next_cursor, next_page_token, cursor } = pagination;
  const candidates = [top.next_cursor, top.next_page_token, next_cursor, next_page_token, cursor];
  return candidates.find((value) => typeof value === "string" && value.trim() !== "") ?? undefined;
}
