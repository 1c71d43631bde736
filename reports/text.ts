import { createColors } from "picocolors";
import { failuresOf } from "../audit/failure";
import type { AuditClosing, AuditHeader, Finding, JudgedUser } from "../audit/result";
import { isCounted, type Standing, standingOf, STANDINGS } from "../audit/standing";
import { count } from "../core/count";
import { nameOrigin } from "../core/identity";
import type { Severity } from "../policies/rule";
import { describeWaiver } from "../policies/waivers";
import { padEnd, widest, wrap } from "./layout";
import { ByOwner, describeWays, partsByOwner, titleOwner } from "./vocabulary/by-owner";
import type { ReportFormat, ReportTarget } from "./report";
import { type RuleTally, Tally } from "./tally";
import { describeBelowUser } from "./vocabulary/finding";
import { describeSource } from "./vocabulary/names";
import {
  describeFirstStep,
  describeOutcome,
  describeScope,
  type Outcome,
  OUTCOME_TONES,
  outcomeOf,
} from "./vocabulary/outcome";
import {
  describeChange,
  describeChanges,
  describeOtherChanges,
  listChanges,
  NAMED_CHANGES,
  titleChanges,
} from "./vocabulary/since-last-run";

/**
 * For a terminal: one block per user, and at the end how the audit ended and what to do first. Where owners are named, users
 * stand below their owners, and all is written at the end.
 */
export const textReport: ReportFormat = (header, target) => {
  const paint = createPaint(target);
  const tally = new Tally(header);
  // Blocks have an empty line around them, lines about clean users have none between them.
  let previous = writeTitle(header, paint);
  let wasBlock = true;
  const next = (text: string, isBlock: boolean) => {
    const all = previous + (isBlock || wasBlock ? "\n" : "") + text;
    previous = "";
    wasBlock = isBlock;
    return all;
  };
  const byOwner = header.namesOwners && new ByOwner<{ text: string; isBlock: boolean }>(header);
  return {
    user: (user) => {
      tally.add(user.findings);
      if (!byOwner) return next(writeUser(user, header, paint), user.findings.length > 0);
      for (const { owner, user: part } of partsByOwner(user)) {
        const item = { text: writeUser(part, header, paint), isBlock: part.findings.length > 0 };
        byOwner.add(owner, item, part.findings);
      }
      return "";
    },
    end: (closing) => {
      tally.add(closing.findings);
      const groups = byOwner ? byOwner.groups() : [];
      return [
        ...groups.flatMap((group) => [
          next(`${paint.bold(disarm(titleOwner(group)))}\n`, true),
          ...group.items.map(({ text, isBlock }) => next(text, isBlock)),
        ]),
        next(writeClosing(closing, tally.rules(), header, paint), true),
      ].join("");
    },
  };
};

/** How things look on the target. */
interface Paint extends ReturnType<typeof createColors> {
  readonly standing: Readonly<Record<Standing, (text: string) => string>>;
  readonly tone: Readonly<Record<(typeof OUTCOME_TONES)[Outcome], (text: string) => string>>;
  readonly width: number | undefined;
}

function createPaint({ color, width }: ReportTarget): Paint {
  const colors = createColors(color);
  return {
    ...colors,
    standing: { mandatory: colors.red, advisory: colors.yellow, known: colors.cyan, waived: colors.dim },
    tone: {
      fail: (text) => colors.bold(colors.red(text)),
      warn: (text) => colors.bold(colors.yellow(text)),
      pass: (text) => colors.bold(colors.green(text)),
    },
    width,
  };
}

function writeTitle({ source, now, failOnNew }: AuditHeader, paint: Paint): string {
  const what = `${describeSource(source)}, judged at ${now}${failOnNew ? ", only new findings count" : ""}`;
  return `${paint.bold("MotherDuck tokens")}\n${paint.dim(flow(what, 0, paint))}\n`;
}

function writeUser(user: JudgedUser, header: AuditHeader, paint: Paint): string {
  const standings = user.findings.map((finding) => standingOf(finding, header));
  const worst = STANDINGS.find((standing) => standings.includes(standing));
  const facts = [
    count(user.tokens.length, "token"),
    nameOrigin(user.origin) ?? "",
    user.isServiceAccount === true ? "service account" : "",
    ...(user.roles ?? []),
    user.isDeprovisioned === true ? "deprovisioned" : "",
    user.isDeprovisioned === "unknown" ? "not known whether deprovisioned" : "",
    describeWays(user) ?? "",
  ].filter((fact) => fact !== "");
  const mark = worst === undefined ? paint.green("✓") : paint.standing[worst](MARKS[worst]);
  const name = worst === undefined ? disarm(user.username) : paint.bold(disarm(user.username));
  const line = `${mark} ${name}  ${paint.dim(disarm(facts.join(", ")))}\n`;
  return line + user.findings.map((finding) => writeFinding(finding, header, paint, true)).join("");
}

const MARKS = { mandatory: "✗", advisory: "!", known: "·", waived: "·" } as const satisfies Record<Standing, string>;

/** @param isBelowUser whether the user is named above it. */
function writeFinding(finding: Finding, header: AuditHeader, paint: Paint, isBelowUser = false): string {
  const { rule, severity, waiver, isKnown } = finding;
  const standing = standingOf(finding, header);
  const isMuted = !isCounted(standing);
  const title = [
    paint.standing[standing](padEnd(standing, widest(STANDINGS))),
    paintSeverity(padEnd(severity, SEVERITY_COLUMNS), severity, paint),
    rule,
    ...(isKnown === true && standing !== "known" ? [paint.dim("(known)")] : []),
  ].join("  ");
  const text = flow(isBelowUser ? describeBelowUser(finding) : finding.message, 4, paint);
  const lines = [`  ${title}`, isMuted ? paint.dim(text) : text];
  if (waiver !== undefined) lines.push(paint.dim(flow(describeWaiver(waiver), 4, paint)));
  return lines.map((line) => `${line}\n`).join("");
}

const SEVERITY_COLUMNS = "critical".length;

function paintSeverity(text: string, severity: Severity, paint: Paint): string {
  return severity === "critical" || severity === "high" ? paint.bold(text) : text;
}

function writeClosing(closing: AuditClosing, rules: readonly RuleTally[], header: AuditHeader, paint: Paint): string {
  const others = closing.findings.map((finding) => writeFinding(finding, header, paint)).join("");
  const failures = failuresOf(closing).map(
    ({ subject, message }) => `  ${paint.red("✗")} ${flow(`${subject}: ${message}`, 4, paint).trimStart()}\n`,
  );
  const table = writeTable(rules, paint);
  const first = describeFirstStep(closing, rules);
  return [
    others === "" ? "" : `${paint.bold("The stack and the configuration")}\n${others}`,
    `${paint.tone[OUTCOME_TONES[outcomeOf(closing)]](flow(describeOutcome(closing), 0, paint))}\n` + failures.join(""),
    `${flow(describeScope(header, closing), 0, paint)}\n`,
    table,
    writeChanges(closing, paint),
    first === undefined ? "" : `${paint.bold(flow(`Do first: ${first}`, 0, paint))}\n`,
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function writeChanges(closing: AuditClosing, paint: Paint): string {
  const sentence = describeChanges(closing);
  if (sentence === undefined) return "";
  const { changes, leftOut } = listChanges(closing, NAMED_CHANGES.text);
  const rest = describeOtherChanges(leftOut);
  const lines = changes.map((change) => {
    const mark = change.what === "new" ? paint.yellow("new  ") : paint.green("fixed");
    return `  ${mark}  ${flow(describeChange(change.finding), 9, paint).trimStart()}\n`;
  });
  return [
    `${flow(`${titleChanges(closing)}: ${sentence}`, 0, paint)}\n`,
    ...lines,
    rest === undefined ? "" : `  ${paint.dim(rest)}\n`,
  ].join("");
}

function writeTable(rules: readonly RuleTally[], paint: Paint): string {
  const names = widest(rules.map(({ rule }) => rule.name));
  return rules
    .map(({ rule, findings }) => {
      const numbers = STANDINGS.filter((standing) => findings[standing] > 0).map((standing) =>
        paint.standing[standing](`${findings[standing]} ${standing}`),
      );
      const severity = paintSeverity(padEnd(rule.severity, SEVERITY_COLUMNS), rule.severity, paint);
      return `  ${padEnd(rule.name, names)}  ${severity}  ${numbers.join(", ")}\n`;
    })
    .join("");
}

/** Text in lines, indented. */
function flow(text: string, indentation: number, { width }: Paint): string {
  return wrap(disarm(text), indentation, width);
}

/**
 * The log of a pipeline takes lines that start with `::`, and `##[` and `##vso[` anywhere, for commands. A token's name
 * must not give any. Where the text is broken into lines, each of its words may start one.
 */
function disarm(text: string): string {
  return text.replace(/(^|\s):(?=:)/g, "$1\\u003a").replace(/#(?=#\w*\[)/g, "\\u0023");
}
