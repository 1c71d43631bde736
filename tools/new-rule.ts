// `npm run new:rule -- my-rule`: the files of a new rule, which its author then edits. With `--about tokens`, a rule about
// several tokens of one user together.
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { format, resolveConfig } from "prettier";
import { createScanner, ScriptTarget, SyntaxKind } from "typescript";
import { RULE_NAME } from "../policies/configuration/custom-rules";
import { generate } from "./generate";
import { constantOf, filesOf } from "./rule-files";
import { renderTemplate, RULE_SUBJECTS, type RuleSubject } from "./rule-template";
import { ROOT } from "./sandbox";

async function main(args: readonly string[]): Promise<void> {
  const { name, about, fault } = readArguments(args);
  if (fault !== undefined) {
    console.error(`${fault}. Usage: npm run new:rule -- my-rule [--about ${RULE_SUBJECTS.join("|")}]`);
    process.exitCode = 1;
    return;
  }
  for (const [file, text] of Object.entries(renderTemplate(name, about))) {
    const place = path.join(ROOT, file);
    writeFileSync(place, await format(text, { ...(await resolveConfig(place)), filepath: place }), { flag: "wx" });
    console.log(`wrote ${file}`);
  }
  for (const file of await generate()) console.log(`wrote ${file}`);
  console.log(nextSteps(name));
}

function readArguments(args: readonly string[]): { name: string; about: RuleSubject; fault: string | undefined } {
  const options = { about: { type: "string", default: "token" } } as const;
  try {
    const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [name = "", ...others] = positionals;
    const about = RULE_SUBJECTS.find((subject) => subject === values.about);
    if (others.length > 0) return { name, about: "token", fault: "Give one name" };
    if (!about) return { name, about: "token", fault: `--about is ${values.about}` };
    return { name, about, fault: findNameFault(name) };
  } catch (error) {
    return { name: "", about: "token", fault: (error as Error).message };
  }
}

/** Why a rule cannot have a name; `undefined` where it can. */
export function findNameFault(name: string): string | undefined {
  if (!RULE_NAME.test(name)) return `"${name}" is not a name in lower case with hyphens`;
  const constant = constantOf(name);
  if (createScanner(ScriptTarget.Latest, true, undefined, constant).scan() !== SyntaxKind.Identifier) {
    return `"${constant}" is a word of TypeScript's own`;
  }
  const taken = Object.values(filesOf(name)).find((file) => existsSync(path.join(ROOT, file)));
  return taken === undefined ? undefined : `${taken} exists already`;
}

function nextSteps(name: string): string {
  const { rule, test, example } = filesOf(name);
  return `
What is left, in these files and no others ("A new rule" in CONTRIBUTING.md tells more):
1. Write ${rule} and its test, which runs whenever you save:
     npm run test:watch -- ${test}
2. Break the rule in ${example}, and let the engine show it on the rule's page:
     npm run docs:rules
3. Write the rule a second time, from its page alone, into RULES of test/oracle/second-rules.ts; or say in
   ${example} why not.
4. See what is left, and whether the rule fits in with the others:
     npm run generate && npm run generate -- --check && npm run check && npm run test:rules
5. Tell users of it in CHANGELOG.md.`;
}

if (require.main === module) void main(process.argv.slice(2));
