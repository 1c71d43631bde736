import { originKey } from "../core/identity";
import type { Origin } from "../core/provenance";
import type { UserEvidence } from "../policies/rule";

type Named = Pick<UserEvidence, "username" | "origin">;

/** Who was judged, which is all that an audit keeps of a user to its end: two organizations may have users of one name. */
export interface JudgedUsers {
  add(user: Named): void;
  isEmpty(): boolean;
  /** Each once, by organization. */
  all(): Named[];
  /** The organizations. */
  origins(): (Origin | undefined)[];
}

/** Makes an empty record. */
export function createJudgedUsers(): JudgedUsers {
  const byOrigin = new Map<string, { readonly origin: Origin | undefined; readonly usernames: Set<string> }>();
  return {
    add({ username, origin }) {
      const key = originKey(origin);
      let organization = byOrigin.get(key);
      if (!organization) byOrigin.set(key, (organization = { origin, usernames: new Set() }));
      organization.usernames.add(username);
    },
    isEmpty: () => byOrigin.size === 0,
    all: () =>
      [...byOrigin.values()].flatMap(({ origin, usernames }) =>
        [...usernames].map((username) => ({ username, ...(origin && { origin }) })),
      ),
    origins: () => [...byOrigin.values()].map(({ origin }) => origin),
  };
}
