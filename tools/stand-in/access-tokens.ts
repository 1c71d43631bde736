import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { parseInstant } from "../../core/instant";
import type { WireToken } from "./organization";

// By code point, as OpenAPI counts.
const textOf = (max: number) =>
  v.pipe(
    v.string(),
    v.check((text) => text !== "" && [...text].length <= max),
  );

const CreateRequest = v.object({
  name: textOf(255),
  description: v.optional(textOf(1000)),
  ttl: v.optional(v.pipe(v.number(), v.integer(), v.minValue(300), v.maxValue(31_536_000))),
  token_type: v.optional(v.picklist(["read_write", "read_scaling"]), "read_write"),
});

/** A new token: what the listing shows of it, and the secret that is shown once. `undefined` for a request that is refused. */
export function createToken(body: string, now: number): { listed: WireToken; secret: string } | undefined {
  const request = v.safeParse(CreateRequest, parseJson(body));
  if (!request.success) return undefined;
  const { name, description, ttl, token_type } = request.output;
  const listed = {
    id: randomUUID(),
    name,
    ...(description !== undefined && { description }),
    ...(ttl !== undefined && { expire_at: new Date(now + ttl * 1000).toISOString() }),
    created_ts: new Date(now).toISOString(),
    read_only: token_type === "read_scaling",
    token_type,
  };
  return { listed, secret: `not-a-real-token-${randomUUID()}` };
}

/** The listing at an instant: without tokens that expired before it, and without descriptions that are empty. */
export function listTokens(tokens: readonly WireToken[], now: number): WireToken[] {
  return tokens
    .filter(({ expire_at }) => (parseInstant(expire_at ?? "") ?? Infinity) > now)
    .map(({ description, ...token }) => (description ? { ...token, description } : token));
}

/** The tokens that DELETE may mean. @param key an id, or a label that is not a token's id. */
export function findTokens(tokens: readonly WireToken[], key: string): WireToken[] {
  const byId = tokens.filter(({ id }) => id === key);
  return byId.length > 0 ? byId : tokens.filter(({ name }) => name === key);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
