import * as v from "valibot";
import { printable, quoted } from "../core/printable";
import type { UserToken } from "../core/user-token";
import { ResponseError } from "./errors";

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
export function parseTokensPage(body: unknown, about: string): TokensPage {
  const result = v.safeParse(WirePage, body, { abortEarly: true });
  if (!result.success) throw new ResponseError(describeIssue(result.issues[0], body, about));
  const nextPageToken = findCursor(body as Record<string, unknown>);
  return {
    tokens: result.output.tokens.map(toUserToken),
    ...(nextPageToken !== undefined && { nextPageToken }),
  };
}

function toUserToken(wire: v.InferOutput<typeof WireToken>): UserToken {
  return {
    id: wire.id,
    // Absent, not undefined: the engine cannot carry undefined.
    ...(typeof wire.name === "string" && { name: wire.name }),
    ...(typeof wire.expire_at === "string" && { expireAt: wire.expire_at }),
    createdTs: wire.created_ts,
    readOnly: wire.read_only,
    tokenType: wire.token_type,
  };
}

function describeIssue(issue: v.BaseIssue<unknown>, body: unknown, about: string): string {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  const field = path === "" ? "the body" : `field ${path.slice(1)}`;
  const found = describeFound(issue);
  return (
    `could not read ${about}: in the answer (status 200), ${field}${tokenAt(issue, body)} ${found}. ` +
    `The API may have changed: look for a newer version of this package.`
  );
}

function describeFound({ type, received, expected }: v.BaseIssue<unknown>): string {
  if (received === "undefined") return "is missing";
  if (type === "non_empty") return "is empty, expected a non-empty string";
  return `is ${printable(received, 60)}, expected ${expected ?? "something else"}`;
}

function tokenAt(issue: v.BaseIssue<unknown>, body: unknown): string {
  const index = issue.path?.[1]?.key;
  if (typeof index !== "number") return "";
  const id = (body as { tokens: { id?: unknown }[] }).tokens[index]?.id;
  return typeof id === "string" ? ` (token ${quoted(id, 60)})` : "";
}

/**
 * The API declares no paging, but its vendor's own client looks for a cursor in these places, in this order; an unread
 * page would look like "these tokens are gone".
 */
function findCursor(body: Record<string, unknown>): string | undefined {
  const pagination = (typeof body.pagination === "object" && body.pagination) || {};
  const { next_cursor, next_page_token, cursor } = pagination as Record<string, unknown>;
  const candidates = [body.next_cursor, body.next_page_token, next_cursor, next_page_token, cursor];
  return candidates.find((value): value is string => typeof value === "string" && value.trim() !== "");
}
