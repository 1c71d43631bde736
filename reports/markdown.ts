import { failuresOf } from "../audit/failure";
import type { AuditClosing, AuditHeader, Finding } from "../audit/result";
import { standingOf } from "../audit/standing";
import { count } from "../core/count";
import { groupBy } from "../core/group-by";
import { originKey } from "../core/identity";
import { printable } from "../core/printable";
import { ByOwner, describeWays, WITHOUT_OWNER } from "./vocabulary/by-owner";
import { findingsReport } from "./findings-report";
import { code, htmlCode, plain, sentence } from "./markdown-text";
import type { ReportFormat } from "./report";
import { type RuleTally, Tally } from "./tally";
import { describeBelowUser, withOwner } from "./vocabulary/finding";
import { describeSource, nameWithOrganization } from "./vocabulary/names";
import { describeFirstStep, describeOutcome, describeScope, OUTCOME_TONES, outcomeOf } from "./vocabulary/outcome";
import {
  describeChange,
  describeChanges,
  describeOtherChanges,
  listChanges,
  NAMED_CHANGES,
  titleChanges,
} from "./vocabulary/since-last-run";
import { mostUrgentFirst } from "./vocabulary/urgency";

/** GitHub accepts a step summary of at most this many bytes, and shows nothing of a longer one. */
export const MARKDOWN_LIMIT = 1_048_576;
/** Kept for the line that says what was left out. */
const RESERVE = 500;
/** Characters of a text in the part that is never left out. */
const HEAD_TEXT = 2000;

/** Markdown for a step summary, always below 1 MiB. */
export const markdownReport: ReportFormat = findingsReport((all, closing, header) => {
  const tally = new Tally(header);
  tally.add(all);
  const findings = mostUrgentFirst(all, header);
  const rules = tally.rules();
  return fitStepSummary(writeHead(header, closing, rules), [
    failureSection(closing),
    changeSection(closing),
    ruleSection(rules),
    ...(header.namesOwners ? ownerSections(findings, header) : userSections(findings, header)),
    waiverSection(findings),
  ]);
});

/** A part of the page whose rows can be left out. */
interface Section {
  readonly open: string;
  readonly rows: readonly string[];
  readonly close: string;
  /** What a row is, for what is said about those left out. */
  readonly noun: string;
}

const MARKS = { fail: "❌", warn: "⚠️", pass: "✅" } as const;

function writeHead(header: AuditHeader, closing: AuditClosing, rules: readonly RuleTally[]): string {
  const first = describeFirstStep(closing, rules);
  const changes = describeChanges(closing);
  const outcome = outcomeOf(closing);
  return [
    `## ${outcome === "incomplete" ? "⛔" : MARKS[OUTCOME_TONES[outcome]]} MotherDuck tokens`,
    `**${plain(describeOutcome(closing))}**`,
    `${plain(describeScope(header, closing))} Evidence: ${code(printable(describeSource(header.source), HEAD_TEXT))}, judged at ${header.now}.`,
    ...(changes === undefined ? [] : [`**${plain(titleChanges(closing))}**: ${plain(changes)}`]),
    ...(first === undefined ? [] : [`**Do first**: ${sentence(printable(first, HEAD_TEXT))}`]),
  ]
    .map((paragraph) => `${paragraph}\n\n`)
    .join("");
}

function failureSection(closing: AuditClosing): Section {
  return {
    open: "### Not judged\n\n",
    rows: failuresOf(closing).map(({ subject, message }) => `- ${code(subject)}: ${sentence(message)}\n`),
    close: "\n",
    noun: "failure",
  };
}

function changeSection(closing: AuditClosing): Section {
  const { changes, leftOut } = listChanges(closing, NAMED_CHANGES.markdown);
  const rest = describeOtherChanges(leftOut);
  return {
    open: "### New and fixed\n\n",
    rows: changes.map((change) => `- **${change.what}** ${sentence(describeChange(change.finding))}\n`),
    close: `${rest === undefined ? "" : `\n… ${plain(rest)}.\n`}\n`,
    noun: "change",
  };
}

function ruleSection(rules: readonly RuleTally[]): Section {
  return {
    open: "| Rule | Severity | Mandatory | Advisory | Known | Waived |\n| --- | --- | ---: | ---: | ---: | ---: |\n",
    rows: rules.map(({ rule, findings: { mandatory, advisory, known, waived } }) =>
      row([code(rule.name), rule.severity, mandatory, advisory, known, waived]),
    ),
    close: "\n",
    noun: "rule",
  };
}

/** The users' sections below their owners; what nobody owns is last, before what is about the stack. */
function ownerSections(findings: readonly Finding[], header: AuditHeader): Section[] {
  const byOwner = new ByOwner<Finding>(header);
  const open = findings.filter(({ waiver }) => waiver === undefined);
  for (const finding of open) {
    if (finding.username !== undefined) byOwner.add(finding.owner?.name, finding, [finding]);
  }
  return [
    ...byOwner.groups().flatMap(({ owner, items, findings: number }) => [
      {
        open: "",
        rows: [`### ${owner === undefined ? WITHOUT_OWNER : `Owner ${code(owner)}`}: ${count(number, "finding")}\n\n`],
        close: "",
        noun: "owner",
      },
      ...userSections(items, header),
    ]),
    ...userSections(
      open.filter(({ username }) => username === undefined),
      header,
    ),
  ];
}

/** One section per user; users with the most urgent findings come first. Waived findings have a table of their own. */
function userSections(findings: readonly Finding[], header: AuditHeader): Section[] {
  const byUser = groupBy(
    findings.filter(({ waiver }) => waiver === undefined),
    // Two organizations may have users of one name.
    ({ username, origin }) => (username === undefined ? undefined : JSON.stringify([originKey(origin), username])),
  );
  return [...byUser.values()].map((own) => {
    const { username, origin } = own[0] ?? {};
    const name =
      username === undefined ? "The stack and the configuration" : htmlCode(nameWithOrganization(username, origin));
    const ways = describeWays({ findings: own });
    return {
      open: `<details><summary>${name}: ${count(own.length, "finding")}${ways === undefined ? "" : `, ${ways}`}</summary>\n\n| Level | Severity | Rule | Finding |\n| --- | --- | --- | --- |\n`,
      rows: own.map((finding) => {
        const standing = standingOf(finding, header);
        const level = finding.isKnown === true && standing !== "known" ? `${standing}, known` : standing;
        const text = sentence(describeBelowUser(finding));
        return row([level, finding.severity, code(finding.rule), text]);
      }),
      close: "\n</details>\n\n",
      noun: "finding",
    };
  });
}

function waiverSection(findings: readonly Finding[]): Section {
  return {
    open: "### Waived\n\n| Waiver | Until | Owner | Reason | Rule | Finding |\n| --- | --- | --- | --- | --- | --- |\n",
    rows: findings.flatMap((finding) => {
      const { waiver, rule, message } = finding;
      return waiver === undefined
        ? []
        : [
            row([
              code(waiver.id),
              plain(waiver.expires),
              code(waiver.owner ?? ""),
              plain(waiver.reason ?? ""),
              code(rule),
              sentence(withOwner(message, finding)),
            ]),
          ];
    }),
    close: "\n",
    noun: "waived finding",
  };
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(" | ")} |\n`;
}

/** The page with as many rows as fit, and what was left out. */
function fitStepSummary(head: string, sections: readonly Section[]): string {
  const leftOut = new Map<string, number>();
  const parts = [head];
  let room = MARKDOWN_LIMIT - 1 - RESERVE - Buffer.byteLength(head);
  for (const { open, rows, close, noun } of sections) {
    let own = room - Buffer.byteLength(open + close);
    const kept = rows.filter((text) => {
      const size = Buffer.byteLength(text);
      if (size > own) return false;
      own -= size;
      return true;
    });
    if (kept.length > 0) {
      parts.push(open, ...kept, close);
      room = own;
    }
    if (kept.length < rows.length) leftOut.set(noun, (leftOut.get(noun) ?? 0) + rows.length - kept.length);
  }
  if (leftOut.size > 0) {
    const what = [...leftOut].map(([noun, number]) => count(number, noun)).join(", ");
    parts.push(`**Left out here, because a step summary ends at 1 MiB: ${what}.** The other reports have them all.\n`);
  }
  return `${parts.join("").trimEnd()}\n`;
}
