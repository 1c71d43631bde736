import type { Configuration } from "./configuration/configuration";
import type { StackEvidence, UserEvidence } from "./rule";
import type { WaiverUse } from "./waiver-use";

/**
 * The evidence of the rules about the whole, in the pack and in the audit.
 *
 * @param users everybody who was judged.
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
