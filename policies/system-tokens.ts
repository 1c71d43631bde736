import { systemPurposeOf } from "../core/system-tokens";
import type { UserEvidence, UserRule, Violation } from "./rule";

/** How violations due to MotherDuck's own tokens, known by their names, can be treated. */
export const SYSTEM_TOKENS = ["judged", "advisory"] as const;

/** `judged`: like all others. `advisory`: as advisory notes, by rules that allow it. */
export type SystemTokens = (typeof SYSTEM_TOKENS)[number];

/**
 * Checks a user, and sets apart what is due to system tokens: a violation about one, or one about the user as a whole that
 * would not be there without them. A rule has to allow that.
 *
 * @param check the rule's own.
 */
export function checkSystemTokens(
  { canSpareSystemTokens = false }: Pick<UserRule, "canSpareSystemTokens">,
  user: UserEvidence,
  systemTokens: SystemTokens,
  check: (user: UserEvidence) => Violation[],
): Violation[] {
  const found = check(user);
  const { tokens } = user;
  const others = tokens.filter((token) => systemPurposeOf(token, tokens) === undefined);
  if (!canSpareSystemTokens || found.length === 0 || others.length === tokens.length) return found;
  const otherIds = new Set(others.map(({ id }) => id));
  const left = check({ ...user, tokens: others }).filter(({ tokenId }) => tokenId === undefined);
  const isSpared = ({ tokenId, subject }: Violation) =>
    tokenId === undefined ? !left.some((violation) => violation.subject === subject) : !otherIds.has(tokenId);
  return found.map((violation) => (isSpared(violation) ? SPARED[systemTokens](violation) : violation));
}

const SPARED: Readonly<Record<SystemTokens, (violation: Violation) => Violation>> = {
  judged: ({ fix, ...violation }) => ({
    ...violation,
    fix: `${fix === undefined ? "" : `${fix} `}The setting systemTokens can make this an advisory note.`,
  }),
  advisory: (violation) => ({ ...violation, enforcementLevel: "advisory" }),
};
