import { messageOf } from "../core/error-message";
import { encodeUser, isUserList, sameUsers } from "../core/organization-user";
import { decodeText } from "../core/printable";
import { PROVENANCE, type Provenance } from "../core/provenance";
import { encodeValue, type EvidenceResource, noEvidence, type Properties, UNKNOWN_VALUE } from "./evidence-resource";
import { readOrganization } from "./read-organization";
import type { Session } from "./session";

/** The id of every `OrganizationTokens`: an API token belongs to one organization, whose name the API does not return. */
const ID = "organization";

/** `OrganizationTokens`: the tokens of many users, or of everybody. */
export const organizationTokensResource: EvidenceResource = {
  async check(news, session) {
    // Nothing else is taken over from the program: `users` that it passed would be evidence it made itself.
    const selection = selectionIn(news);
    const shown = mapUsernames(selection, encodeValue);
    if (isUnknown(selection)) return { inputs: { ...shown, users: UNKNOWN_VALUE, [PROVENANCE]: UNKNOWN_VALUE } };
    try {
      return { inputs: { ...shown, ...(await readMany(selection, session)) } };
    } catch (error) {
      // Without `users`: no evidence is not an empty list. Without a property: the engine would print all usernames.
      return { inputs: shown, failures: [{ property: "", reason: messageOf(error) }] };
    }
  },

  diff: (olds, news) => ({
    changes: !sameSelection(olds, news) || !sameUsers(olds.users, news.users),
    replaces: [],
  }),

  idOf: () => ID,

  outputsOf(inputs) {
    if (!isUserList(inputs.users)) throw noEvidence();
    return { ...selectionIn(inputs), users: inputs.users };
  },

  /** Users that are gone are gone from state, too. */
  async refresh(_id, outputs, session) {
    const selection = selectionIn(outputs);
    const decoded = mapUsernames(selection, (name) => (typeof name === "string" ? decodeText(name) : name));
    const evidence = await readMany(decoded, session, { withoutGone: true });
    return evidence.users.length > 0 ? { ...selection, ...evidence } : undefined;
  },
};

async function readMany(selection: Properties, session: Session, options?: { withoutGone: boolean }) {
  const { users, fetchedAt } = await readOrganization(selection, session, options);
  const provenance: Provenance = { ...(await session.reader()).origin, fetchedAt };
  return { users: users.map(encodeUser), [PROVENANCE]: provenance };
}

/** What a program may say. */
function selectionIn({ usernames, accounts }: Properties): Properties {
  // Absent, not undefined: the engine cannot carry undefined.
  return { ...(usernames !== undefined && { usernames }), ...(accounts !== undefined && { accounts }) };
}

function mapUsernames(selection: Properties, change: (username: unknown) => unknown): Properties {
  const { usernames } = selection;
  return Array.isArray(usernames) ? { ...selection, usernames: usernames.map(change) } : selection;
}

function isUnknown({ usernames, accounts }: Properties): boolean {
  return [accounts, usernames, ...(Array.isArray(usernames) ? (usernames as unknown[]) : [])].includes(UNKNOWN_VALUE);
}

/** The order of usernames and duplicates are ignored. */
function sameSelection(a: Properties, b: Properties): boolean {
  const canonical = ({ usernames, accounts = "all" }: Properties) =>
    JSON.stringify([accounts, Array.isArray(usernames) ? [...new Set(usernames as unknown[])].sort() : usernames]);
  return canonical(a) === canonical(b);
}
