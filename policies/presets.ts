import type { RuleConfig } from "./rule";
import { rules } from "./rules";

/** The names of the presets. */
export const PRESETS = ["recommended", "strict", "audit"] as const;

export type Preset = (typeof PRESETS)[number];

/** What a preset says about a rule, in place of the rule's own defaults. */
export function presetConfig(preset: Preset, ruleName: string): RuleConfig {
  return PRESET_CONFIGS[preset][ruleName] ?? {};
}

function everyRule(config: RuleConfig): Record<string, RuleConfig> {
  return Object.fromEntries(rules.map(({ name }) => [name, config]));
}

const PRESET_CONFIGS: Record<Preset, Record<string, RuleConfig>> = {
  /** The rules' own defaults. */
  recommended: {},
  /** Everything mandatory, one read_write token, 30 days of life, and evidence in every stack. */
  strict: {
    ...everyRule({ enforcementLevel: "mandatory" }),
    "max-read-write-tokens": { enforcementLevel: "mandatory", max: 1 },
    "max-token-lifetime": { enforcementLevel: "mandatory", maxDays: 30 },
    "inventory-covered": { enforcementLevel: "mandatory", requireEvidence: true },
  },
  /** Nothing blocks, and nothing is read a second time: for a first look. */
  audit: { ...everyRule({ enforcementLevel: "advisory" }), "evidence-verified": { enforcementLevel: "disabled" } },
};
