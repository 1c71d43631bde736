import type { InferOutput } from "valibot";
import type { Configuration } from "./configuration/configuration";
import type { Rule } from "./rule";

/** The settings of the rules while a pack runs: what is configured, and over it what CrossGuard tells each policy. */
export interface SettingsInForce {
  /**
   * Notes CrossGuard's own configuration of a policy. A policy is told of its own only, so others know it once that one has
   * been asked.
   *
   * @returns the policy's settings.
   * @throws PolicyConfigError for a mistake in `override`.
   */
  override<R extends Rule>(rule: R, override: object): InferOutput<R["settings"]>;
  /** A rule's settings, as far as they are known. */
  readonly of: <R extends Rule>(rule: R) => InferOutput<R["settings"]>;
}

/** Settings are checked once, not once a resource. */
export function createSettingsInForce(configuration: Configuration): SettingsInForce {
  const known = new Map<string, { readonly override: string; readonly settings: object }>();
  function check<R extends Rule>(rule: R, override: object): InferOutput<R["settings"]> {
    const text = JSON.stringify(override);
    let entry = known.get(rule.name);
    if (entry?.override !== text) {
      entry = { override: text, settings: configuration.settings(rule, override) };
      known.set(rule.name, entry);
    }
    return entry.settings as InferOutput<R["settings"]>;
  }
  return {
    override: check,
    of: <R extends Rule>(rule: R) =>
      (known.get(rule.name)?.settings as InferOutput<R["settings"]> | undefined) ?? check(rule, {}),
  };
}
