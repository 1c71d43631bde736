import { toConfigSchema } from "../policies/policy";
import type { Rule } from "../policies/rule";
import { pageOf, rules as builtIn } from "../policies/rules";

/** Formats the list of rules: as text for a terminal, as JSON or as a Markdown table. */
export function formatRules(format: "text" | "json" | "markdown", rules: readonly Rule[] = builtIn): string {
  switch (format) {
    case "text":
      return formatText(rules);
    case "json":
      return `${JSON.stringify(rules.map(toJson), null, 2)}\n`;
    case "markdown":
      return formatMarkdown(rules);
  }
}

function formatText(rules: readonly Rule[]): string {
  const width = (texts: string[]) => Math.max(...texts.map(({ length }) => length));
  const names = width(rules.map(({ name }) => name));
  const levels = width(rules.map(({ enforcementLevel }) => enforcementLevel));
  const severities = width(rules.map(({ severity }) => severity));
  return rules
    .map(({ name, severity, enforcementLevel, description }) =>
      [name.padEnd(names), enforcementLevel.padEnd(levels), severity.padEnd(severities), description].join("  "),
    )
    .join("\n")
    .concat("\n");
}

function formatMarkdown(rules: readonly Rule[]): string {
  const rows = rules.map(
    ({ name, description, severity, enforcementLevel }) =>
      `| ${linkTo(name)} | ${description} | ${severity} | ${enforcementLevel} |`,
  );
  return ["| Rule | What must hold | Severity | Level |", "| --- | --- | --- | --- |", ...rows].join("\n").concat("\n");
}

function linkTo(name: string): string {
  const page = pageOf(name);
  return page === undefined ? `\`${name}\`` : `[\`${name}\`](${page})`;
}

function toJson(rule: Rule) {
  const { name, displayName, description, rationale, remediation, severity, enforcementLevel, controls } = rule;
  return {
    name,
    displayName,
    description,
    rationale,
    remediation,
    severity,
    enforcementLevel,
    controls,
    waivable: rule.waivable !== false,
    settings: toConfigSchema(rule.settings).properties,
  };
}
