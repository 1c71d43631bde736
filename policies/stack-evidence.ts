import type { Configuration } from "./configuration/configuration";
import type { StackEvidence, UserEvidence } from "./rule";
import type { WaiverUse } from "./waiver-use";

/**
 * What the rules about the whole judge, in the pack and in the audit.
 *
 * @param users all who were judged.
 */
export function toStackEvidence(
  users: readonly Pick<UserEvidence, "username" | "origin">[],
  { hasUnknown, isEverybody = false }: Pick<StackEvidence, "hasUnknown" | "isEverybody">,
  { organization, waivers }: Configuration,
  waiverUse: WaiverUse,
): StackEvidence {
  return {
    usernames: users.map(({ username }) => username),
    users,
    organization,
    hasUnknown,
    isEverybody,
    waivers,
    usedWaivers: waiverUse.used,
    waiverOrigins: waiverUse.origins,
  };
}
