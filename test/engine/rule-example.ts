import { existsSync } from "node:fs";
import path from "node:path";
import { DAY } from "../../core/duration";
import type { Group } from "../../policies/configuration/groups";
import type { Rule } from "../../policies/rule";
import type { RuleName, RulesConfig } from "../../policies/rules";
import type { Waiver } from "../../policies/waivers";
import { filesOf } from "../../tools/rule-files";
import { ROOT } from "../../tools/sandbox";
import type { WireToken } from "../../tools/stand-in/organization";

const NOW = Date.now();

/** How the engine names the stack, on which rules about the stack fire. */
export const STACK = "program-dev";

/** Users' tokens, as far as they differ from a read_write token that breaks no rule. */
export type Users = Readonly<
  Record<string, readonly { readonly [Field in keyof WireToken]?: WireToken[Field] | undefined }[]>
>;

/** How a rule is broken on the real engine. All examples are put into one program, and judged by all rules. */
export interface RuleExample {
  /** Users of the API who break the rule. The program declares each as a resource of that name. */
  readonly users?: Users;
  /** Users of the API whom the program does not declare so. */
  readonly undeclared?: Users;
  /** Statements for the program, for evidence that no API would give: `every-rule.ts` says what they can use. */
  readonly program?: string;
  /** Settings under which they break it. Default: its own. */
  readonly rules?: RulesConfig;
  readonly waivers?: readonly Waiver[];
  /** Groups of users for whom the rule is set otherwise. */
  readonly groups?: readonly Group<Rule>[];
  /** The resources on which the rule fires, of all examples. Its page shows the first. */
  readonly firesOn: readonly string[];
  /** By resource of this example, other rules that it breaks. */
  readonly alsoBreaks?: Readonly<Record<string, readonly RuleName[]>>;
  /** Why the second judge (`test/oracle`) does not know the rule; absent where it does. */
  readonly notJudgedTwice?: string;
}

/** The example of a rule, which belongs in a file of its name. */
export function exampleOf(name: string): RuleExample {
  const file = filesOf(name).example;
  const place = path.join(ROOT, file);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- by name
  const { example } = (existsSync(place) ? require(place) : {}) as { example?: RuleExample };
  if (!example) throw new Error(`the rule ${name} has no example: export \`example\` from ${file}`);
  return example;
}

/** ISO 8601. */
export function daysFromNow(days: number): string {
  return new Date(NOW + days * DAY).toISOString();
}
