// The types that settings share. Each setting tells its default in its description, because editors show that.
import * as v from "valibot";
import { TOKEN_TYPES } from "./token-facts";

/** A number of days, fractions allowed. */
export function days(min: number, max: number, description: string) {
  return v.pipe(v.number(), v.minValue(min), v.maxValue(max), v.description(description));
}

/** A whole number, from 0. */
export function wholeNumber(description: string) {
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

/**
 * Values by names that somebody else chose. valibot's own `record` drops `constructor`, `prototype` and `__proto__`, and a
 * limit for a user of that name would be ignored.
 */
export function byName<Value extends v.GenericSchema>(value: Value) {
  const schema = v.record(v.string(), value);
  return {
    ...schema,
    "~run"(dataset: { value: unknown }, config: v.Config<v.BaseIssue<unknown>>) {
      const input = dataset.value;
      if (typeof input !== "object" || input === null || Array.isArray(input)) return schema["~run"](dataset, config);
      const marked = mapKeys(input, (name) => `=${name}`);
      const result = schema["~run"]({ value: marked }, config);
      for (const { path: [step] = [undefined] } of result.issues ?? []) {
        if (step) Object.assign(step, { key: unmarked(String(step.key)) });
      }
      return result.typed ? { ...result, value: mapKeys(result.value, unmarked) } : result;
    },
  } as typeof schema;
}

/** `fromEntries` gives each value a key of its own, also `__proto__`. */
function mapKeys<T>(record: Readonly<Record<string, T>> | object, change: (key: string) => string) {
  return Object.fromEntries(Object.entries(record).map(([key, value]: [string, T]) => [change(key), value]));
}

const unmarked = (key: string) => key.slice(1);

/** A text that is not empty. */
export const NonEmptyText = v.pipe(v.string(), v.minLength(1));

/** Usernames or globs. */
export function usernames(description: string) {
  return v.pipe(v.array(NonEmptyText), v.description(description));
}

/** A list of token types, not empty. */
export function tokenTypes(description: string) {
  return v.pipe(v.array(v.picklist(TOKEN_TYPES)), v.minLength(1), v.description(description));
}
