// The types that settings share. Each setting tells its default in its description, because editors show that.
import * as v from "valibot";
import { TOKEN_TYPES } from "./token-facts";

/** A number of days, fractions allowed. */
export function days(min: number, max: number, description: string) {
  return v.pipe(v.number(), v.minValue(min), v.maxValue(max), v.description(description));
}

/** How many tokens, from 0. */
export function count(description: string) {
  return v.pipe(v.number(), v.integer(), v.minValue(0), v.description(description));
}

/** Days by token type, in place of the rule's limit. */
export function daysByType(min: number, max: number) {
  const limit = v.optional(v.pipe(v.number(), v.minValue(min), v.maxValue(max)));
  return v.pipe(
    v.strictObject({ read_write: limit, read_scaling: limit }),
    v.description("Limits of their own by token type, in days. Default: none."),
  );
}

/** Usernames or globs. */
export function usernames(description: string) {
  return v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.description(description));
}

/** A list of token types, not empty. */
export function tokenTypes(description: string) {
  return v.pipe(v.array(v.picklist(TOKEN_TYPES)), v.minLength(1), v.description(description));
}
