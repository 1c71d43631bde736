import { quoted } from "../../core/printable";
import { sortTokens, type UserToken } from "../../core/user-token";
import { type ReadTarget, ResponseError } from "../errors";
import { startDeadline } from "../http/deadline";
import { walkPages } from "./pages";
import { parseTokensPage } from "./parse";
import type { Transport } from "../http/transport";
import { checkUsername } from "./username";

/**
 * Lists all tokens of a user, over all pages, each token once, as the API has it, in canonical order.
 *
 * @param deadlineSeconds for the whole read.
 * @throws SettingsError for a username that cannot be sent, ApiError, NetworkError or ResponseError for the rest.
 */
export async function listUserTokens(
  transport: Transport,
  username: string,
  deadlineSeconds: number,
): Promise<UserToken[]> {
  const path = `/v1/users/${encodeURIComponent(checkUsername(username))}/tokens`;
  const target = tokensOf(username);
  const deadline = startDeadline(deadlineSeconds);
  const tokens = new Map<string, UserToken>();
  const pages = walkPages(
    async (query) => parseTokensPage(await transport.getJson(path, query, target, deadline.signal), target),
    target,
  );
  try {
    for await (const page of pages) {
      for (const token of page.tokens) addOnce(tokens, token, target);
    }
  } finally {
    deadline.clear();
  }
  return sortTokens([...tokens.values()]);
}

/** A user's tokens, as errors name them. */
export function tokensOf(username: string): ReadTarget {
  return { name: `the tokens of user ${quoted(username)}`, username };
}

// A token that shows up on two pages is one token; two different ones with the same id cannot both be judged.
function addOnce(tokens: Map<string, UserToken>, token: UserToken, target: ReadTarget): void {
  const known = tokens.get(token.id);
  if (known && JSON.stringify(known) !== JSON.stringify(token)) {
    throw new ResponseError(
      target,
      `two different tokens have the id ${quoted(token.id, 60)}. Tell MotherDuck's support.`,
    );
  }
  tokens.set(token.id, token);
}
