import { tellsTruth } from "../core/user-token";
import type { JudgedViolation } from "./judge-user";
import type { GuardReading } from "./own-reader";
import type { OwnReads } from "./own-reads";
import type { UserEvidence, UserRule } from "./rule";

/** The guard of one pack while it runs: whom it read, by which rules it judged them, and what it reported. */
export interface GuardedUsers {
  readonly isOn: boolean;
  /** Whether a rule has judged the guarded users yet; it has from now on. */
  isJudgedBy(rule: UserRule): boolean;
  /** Whether any rule has. */
  readonly isJudged: boolean;
  /** Reads them, once. */
  read(): Promise<GuardReading>;
  /** Notes a violation that is reported of a guarded user. */
  note(rule: UserRule, violation: JudgedViolation): void;
  /**
   * Whether a violation of a resource's user was reported of the guarded user: it is about the same tokens, or its fact is
   * exactly the same.
   */
  hasReported(rule: UserRule, user: UserEvidence, violation: JudgedViolation): boolean;
}

/** Makes the guard of one pack. */
export function createGuardedUsers(own: OwnReads): GuardedUsers {
  const judgedBy = new Set<string>();
  const reported = new Set<string>();
  const users = new Map<string, UserEvidence>();
  const keyOf = (rule: UserRule, { username, tokenId }: JudgedViolation, ...more: string[]) =>
    JSON.stringify([rule.name, username, tokenId ?? null, ...more]);
  return {
    isOn: own.isGuarded,
    isJudgedBy(rule) {
      const isJudged = judgedBy.has(rule.name);
      judgedBy.add(rule.name);
      return isJudged;
    },
    get isJudged() {
      return judgedBy.size > 0;
    },
    async read() {
      const reading = await own.guarded();
      for (const user of reading.users) users.set(user.username, user);
      return reading;
    },
    note(rule, violation) {
      reported.add(keyOf(rule, violation));
      reported.add(keyOf(rule, violation, violation.fact));
    },
    hasReported(rule, user, violation) {
      const guarded = users.get(user.username);
      if (!guarded) return false;
      // A fact can hold numbers that change with time, so a violation about the same tokens counts as the same.
      const isSame = tellsTruth(user.tokens, guarded.tokens);
      return reported.has(isSame ? keyOf(rule, violation) : keyOf(rule, violation, violation.fact));
    },
  };
}
