import type { EnforcementLevel, Rule, RuleConfig } from "../rule";

/** The names of the presets. */
export const PRESETS = ["recommended", "strict", "audit"] as const;

/**
 * `recommended`: the rules' own defaults. `strict`: everything is mandatory, and limits are tighter. `audit`: nothing blocks, and
 * nothing is read a second time, for a first look. What a preset changes in a rule stands in the rule.
 */
export type Preset = (typeof PRESETS)[number];

const PRESET_LEVELS: Record<Preset, { readonly enforcementLevel?: EnforcementLevel }> = {
  recommended: {},
  strict: { enforcementLevel: "mandatory" },
  audit: { enforcementLevel: "advisory" },
};

/** What a preset says about a rule, in place of the rule's own defaults. */
export function presetConfig(preset: Preset, { presets = {} }: Rule): RuleConfig {
  return { ...PRESET_LEVELS[preset], ...(preset === "recommended" ? {} : presets[preset]) };
}
