import { createRequire } from "node:module";
import path from "node:path";
import { PolicyConfigError } from "./config-error";
import { checkCustomRules } from "./custom-rules";
import type { Rule } from "../rule";
import { rules } from "../rules";

/**
 * Loads the rules that a module exports as `rules`, or as its default.
 *
 * @param file relative to the current folder, or absolute.
 * @throws PolicyConfigError for a module that cannot be loaded, and for exports that are not rules.
 */
export function loadRules(file: string): readonly Rule[] {
  const absolute = path.resolve(file);
  let module: { readonly rules?: unknown; readonly default?: unknown };
  try {
    // ES modules, too, and TypeScript where Node.js takes it.
    module = createRequire(absolute)(absolute) as typeof module;
  } catch (error) {
    throw new PolicyConfigError(`${file}: the rules cannot be loaded: ${(error as Error).message}`);
  }
  const exported = module.rules ?? module.default;
  if (exported === undefined) throw new PolicyConfigError(`${file}: it exports no rules. Export a list named rules.`);
  return checkCustomRules(exported, file, rules);
}
