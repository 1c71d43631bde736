// `npm run new:rule -- my-rule`: the files of a new rule, which its author then edits.
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { format, resolveConfig } from "prettier";
import { createScanner, ScriptTarget, SyntaxKind } from "typescript";
import { RULE_NAME } from "../policies/configuration/custom-rules";
import { generate } from "./generate";
import { constantOf, filesOf } from "./rule-files";
import { renderTemplate } from "./rule-template";
import { ROOT } from "./sandbox";

async function main([name = "", ...rest]: readonly string[]): Promise<void> {
  const fault = rest.length > 0 ? "give one name" : findNameFault(name);
  if (fault !== undefined) {
    console.error(`${fault}. Usage: npm run new:rule -- my-rule`);
    process.exitCode = 1;
    return;
  }
  for (const [file, text] of Object.entries(renderTemplate(name))) {
    const place = path.join(ROOT, file);
    writeFileSync(place, await format(text, { ...(await resolveConfig(place)), filepath: place }), { flag: "wx" });
    console.log(`wrote ${file}`);
  }
  for (const file of await generate()) console.log(`wrote ${file}`);
  console.log(nextSteps(name));
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
Next:
1. Write ${rule} and its test, which runs whenever you save:
     npm run test:watch -- ${test}
2. Break the rule in ${example}, and let the engine show it on the rule's page:
     npm run docs:rules
3. Let the README and the page follow each change of the rule's texts, and see what is left:
     npm run generate && npm run generate -- --check && npm run check`;
}

if (require.main === module) void main(process.argv.slice(2));
