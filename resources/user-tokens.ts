import { isUnknownUser } from "../client/read-users";
import { messageOf } from "../core/error-message";
import { decodeText } from "../core/printable";
import { PROVENANCE, type Provenance } from "../core/provenance";
import { encodeToken, isTokenList, sameTokens } from "../core/user-token";
import { encodeValue, type EvidenceResource, noEvidence, READ_AHEAD, UNKNOWN_VALUE } from "./evidence-resource";
import type { Session } from "./session";

/** `UserTokens`: the tokens of one user. */
export const userTokens: EvidenceResource = {
  async check({ username, [READ_AHEAD]: next }, session) {
    // Nothing else is taken over from the program: `tokens` that it passed would be evidence it made itself.
    if (username === UNKNOWN_VALUE) {
      startReads(next, session);
      return { inputs: { username, tokens: UNKNOWN_VALUE, [PROVENANCE]: UNKNOWN_VALUE } };
    }
    try {
      const reading = read(username, session);
      startReads(next, session);
      return { inputs: await reading };
    } catch (error) {
      // Without `tokens`: no evidence is not an empty list.
      return {
        inputs: { username: encodeValue(username) ?? null },
        failures: [{ property: "username", reason: messageOf(error) }],
      };
    }
  },

  diff(olds, news) {
    const renamed = olds.username !== news.username;
    return {
      changes: renamed || !sameTokens(olds.tokens, news.tokens),
      replaces: renamed ? ["username"] : [],
    };
  },

  idOf: ({ username }) => username as string,

  outputsOf({ username, tokens }) {
    if (!isTokenList(tokens)) throw noEvidence();
    return { username, tokens };
  },

  /** A user that is gone is gone from state, too. */
  async refresh(id, _outputs, session) {
    try {
      return await read(decodeText(id), session);
    } catch (error) {
      if (isUnknownUser(error)) return undefined;
      throw error;
    }
  },
};

/** Anything but a JSON array of usernames is ignored: reading ahead only affects speed. */
function startReads(usernames: unknown, session: Session): void {
  try {
    const list: unknown = JSON.parse(String(usernames));
    if (Array.isArray(list)) session.readAhead(list.filter((username) => typeof username === "string"));
  } catch {
    // Other users are read when they are asked for.
  }
}

async function read(username: unknown, session: Session) {
  // The client says what is wrong with a username that is not a string.
  const { tokens, fetchedAt } = await session.read(username as string);
  const provenance: Provenance = { ...(await session.reader()).origin, fetchedAt };
  return { username: encodeValue(username), tokens: tokens.map(encodeToken), [PROVENANCE]: provenance };
}
