import type { InferOutput } from "valibot";
import type { Configuration, RulesInForce } from "./configuration/configuration";
import type { Rule } from "./rule";

/** The settings of the rules while a pack runs: the configuration, overridden by what CrossGuard tells each policy. */
export interface SettingsInForce {
  /**
   * Notes CrossGuard's own configuration of a policy. A policy is told only its own, so the others know it once that policy
   * has been asked.
   *
   * @returns the policy's settings, where no group says otherwise.
   * @throws PolicyConfigError for a mistake in `override`.
   */
  override<R extends Rule>(rule: R, override: object): InferOutput<R["settings"]>;
  /** A rule's settings for some users, as far as they are known. Default: where no group says otherwise. */
  readonly of: <R extends Rule>(rule: R, inForce?: RulesInForce) => InferOutput<R["settings"]>;
}

/** Settings are checked once, not once a resource. */
export function createSettingsInForce(configuration: Configuration): SettingsInForce {
  const overrides = new Map<string, { readonly text: string; readonly override: object }>();
  const known = new Map<RulesInForce, Map<string, object>>();

  function of<R extends Rule>(rule: R, inForce: RulesInForce = configuration): InferOutput<R["settings"]> {
    let settings = known.get(inForce);
    if (!settings) known.set(inForce, (settings = new Map<string, object>()));
    let own = settings.get(rule.name);
    if (!own) settings.set(rule.name, (own = inForce.settings(rule, overrides.get(rule.name)?.override)));
    return own as InferOutput<R["settings"]>;
  }

  return {
    override(rule, override) {
      const text = JSON.stringify(override);
      if (overrides.get(rule.name)?.text !== text) {
        overrides.set(rule.name, { text, override });
        for (const settings of known.values()) settings.delete(rule.name);
      }
      return of(rule);
    },
    of,
  };
}
