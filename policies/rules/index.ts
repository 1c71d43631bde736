import type { Rule } from "../rule";
import { evidenceFresh } from "./evidence-fresh";
import { maxReadWriteTokens } from "./max-read-write-tokens";
import { tokensMustExpire } from "./tokens-must-expire";

/** All rules, in the order in which the pack lists them. */
export const rules: readonly Rule[] = [tokensMustExpire, maxReadWriteTokens, evidenceFresh];

export { evidenceFresh, maxReadWriteTokens, tokensMustExpire };
