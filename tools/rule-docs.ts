import { toConfigSchema } from "../policies/policy";
import type { Rule } from "../policies/rule";

/** The documentation of a rule, made of its metadata and of what the real engine printed. */
export function renderRulePage(rule: Rule, engineOutput: string): string {
  return `# \`${rule.name}\`

${rule.description} Severity: **${rule.severity}**. Level: **${rule.enforcementLevel}**.

## Why

${rule.rationale}

## Example

What the engine prints:

\`\`\`text
${engineOutput}
\`\`\`

## Settings

${renderSettings(rule)}

## How to fix

${rule.remediation}

${rule.waivable === false ? "This rule cannot be waived." : "An exception needs a [waiver](../configuration.md#waivers)."}

## Mappings

${rule.controls.map((control) => `- ${control}`).join("\n")}
`;
}

function renderSettings(rule: Rule): string {
  const { properties = {} } = toConfigSchema(rule.settings);
  const rows = Object.entries(properties).map(([name, schema]) => `- \`${name}\`: ${schema.description ?? ""}`);
  return rows.length === 0 ? "None of its own." : rows.join("\n");
}

/** The engine's lines about one policy and one resource, without their indentation. */
export function outputOf(policy: string, resource: string, output: string): string {
  const lines = output.split("\n").map((line) => line.replace(/^ {8}/, ""));
  const start = lines.findIndex(
    (line) => /^- \[\w+\]/.test(line) && line.includes(` ${policy}  (`) && line.endsWith(` ${resource})`),
  );
  if (start < 0) throw new Error(`the engine printed nothing about ${policy} and ${resource}`);
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith("- [") || line.trim() === "");
  return lines
    .slice(start, start + 1 + length)
    .join("\n")
    .trimEnd();
}
