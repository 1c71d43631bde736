import { daysToMs } from "../core/duration";
import type { InferOutput } from "valibot";
import type { RulesInForce } from "./configuration/configuration";
import type { Rule } from "./rule";
import { adminTokensLimited } from "./rules/admin-tokens-limited";
import { maxTokenAge } from "./rules/max-token-age";
import { maxTokenLifetime } from "./rules/max-token-lifetime";
import type { TokenLimits } from "./token-facts";

/** What the API allows: https://motherduck.com/docs/sql-reference/rest-api/users-create-token/ */
const API_MAX = daysToMs(365);
/** What is advised where no rule limits how long a token lives. */
const WITHOUT_LIMITS = daysToMs(90);

/**
 * The limits that a token which replaces another must keep, from the rules that limit how long tokens live and that are not
 * disabled.
 *
 * @param settingsOf a rule's settings, where CrossGuard's own configuration may have changed them.
 */
export function limitsInForce(
  inForce: RulesInForce,
  settingsOf: <R extends Rule>(rule: R) => InferOutput<R["settings"]> = (rule) => inForce.settings(rule),
): TokenLimits {
  // Where it is asked for: few users break a rule whose advice needs it.
  return {
    longestLife(type, isAdministrator = false) {
      const lives = [maxTokenLifetime, maxTokenAge]
        .filter((rule) => inForce.level(rule) !== "disabled")
        .map((rule) => settingsOf(rule))
        .map(({ maxDays, byType }) => daysToMs(byType[type] ?? maxDays));
      const life = lives.length === 0 ? WITHOUT_LIMITS : Math.min(API_MAX, ...lives);
      if (!isAdministrator || type !== "read_write" || inForce.level(adminTokensLimited) === "disabled") return life;
      return Math.min(life, daysToMs(settingsOf(adminTokensLimited).maxDays));
    },
  };
}
