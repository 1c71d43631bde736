import { runInNewContext } from "node:vm";

/** What expressions may name. */
export type Expressions = Record<string, unknown>;

/** The value of a GitHub expression: its syntax is near enough to JavaScript's for what is used here. */
export function evaluate(expression: string, context: Expressions): unknown {
  const unquoted = expression.replace(/\.([a-z]+(?:-[a-z]+)+)/g, `["$1"]`);
  const names = Object.entries(context).map(([name, value]) => [name, withoutGaps(value)] as const);
  return runInNewContext(unquoted, Object.fromEntries<unknown>(names));
}

/** What does not exist equals an empty text there. */
function withoutGaps(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, { get: (target, key) => withoutGaps(Reflect.get(target, key) ?? "") });
}

/** A text with its `${{ }}` filled in. */
export function fillIn(value: unknown, context: Expressions): string {
  return String(value).replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => String(evaluate(expression, context)));
}
