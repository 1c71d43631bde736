import { toConfigSchema } from "../policies/policy";
import type { Rule } from "../policies/rule";
import type { Random } from "../tools/random";

/** What the tests read of a setting's schema. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
}

/** Days, hours and seconds that the tests' dates are apart, so that values lie at the limits. */
const NUMBERS = [0, 1, 4.35, 5, 8.7, 14, 17.4, 24, 30, 33.3, 60, 69.6, 90, 300, 86_400];

/**
 * Settings of a rule's own, some of them left out, as its schema allows them: a new setting is tried without being listed
 * anywhere.
 *
 * @param textsFor what a setting that takes text can be.
 */
export function randomSettings(
  rule: Rule,
  random: Random,
  textsFor: (setting: string) => readonly string[],
): Record<string, unknown> {
  return randomProperties(toConfigSchema(rule.settings) as Schema, random, (setting, schema) => {
    const texts = textsFor(setting);
    return valueOf(schema, random, texts, `${rule.name}.${setting}`);
  });
}

function randomProperties(
  { properties = {} }: Schema,
  { chance }: Random,
  value: (key: string, schema: Schema) => unknown,
): Record<string, unknown> {
  const chosen = Object.entries(properties).filter(() => chance(0.6));
  return Object.fromEntries(chosen.map(([key, schema]) => [key, value(key, schema)]));
}

function valueOf(schema: Schema, random: Random, texts: readonly string[], where: string): unknown {
  const { type, pattern = "", minimum = -Infinity, exclusiveMinimum = -Infinity, maximum = Infinity } = schema;
  const { pick, some, int, chance } = random;
  const inner = (one: Schema) => valueOf(one, random, texts, where);
  if (schema.enum) return pick(schema.enum);
  if (type === "boolean") return chance(0.5);
  if (type === "integer") return minimum + int(6);
  if (type === "number") return pick(NUMBERS.filter((n) => n >= minimum && n > exclusiveMinimum && n <= maximum));
  if (type === "string") return pick(texts.filter((text) => new RegExp(pattern, "u").test(text)));
  const { items, additionalProperties } = schema;
  if (type === "array" && items) return some([0, 1, 2], 3, schema.minItems).map(() => inner(items));
  if (additionalProperties) return Object.fromEntries(some(texts, 4).map((key) => [key, inner(additionalProperties)]));
  if (type === "object") return randomProperties(schema, random, (_, property) => inner(property));
  throw new Error(`${where}: test/random-settings.ts knows no values of ${JSON.stringify(schema)}`);
}
