import { failuresOf } from "../audit/failure";
import type { AuditHeader, Failure, Finding } from "../audit/result";
import { standingOf } from "../audit/standing";
import { count } from "../core/count";
import { locationOf } from "./code-host";
import { findingsReport } from "./findings-report";
import { describeFinding } from "./vocabulary/finding";
import { describeOutcome, describeScope } from "./vocabulary/outcome";
import { describeChanges, titleChanges } from "./vocabulary/since-last-run";
import { mostUrgentFirst } from "./vocabulary/urgency";

/** GitHub shows this many annotations of a kind per step, and silently drops the others. */
const LIMIT = 10;

const KINDS = ["error", "warning", "notice"] as const;

type Kind = (typeof KINDS)[number];

interface Annotation {
  readonly kind: Kind;
  readonly title: string;
  readonly message: string;
}

/** Workflow commands: https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
export const githubReport = findingsReport((findings, closing, header) => {
  const annotations = [
    ...failuresOf(closing).map(fromFailure),
    ...mostUrgentFirst(findings, header).map((finding) => fromFinding(finding, header)),
  ];
  const changes = describeChanges(closing);
  const isIncomplete = failuresOf(closing).length > 0;
  const kindOfFirst: Kind = isIncomplete ? "error" : "notice";
  // The first annotation takes a place.
  const placesOf = (kind: Kind) => (kind === kindOfFirst ? LIMIT - 1 : LIMIT);
  const shown = KINDS.flatMap((kind) =>
    annotations.filter((annotation) => annotation.kind === kind).slice(0, placesOf(kind)),
  );
  const first: Annotation = {
    kind: kindOfFirst,
    title: "MotherDuck tokens",
    message: [
      describeOutcome(closing),
      describeScope(header, closing),
      ...(changes === undefined ? [] : [`${titleChanges(closing)}: ${changes}`]),
      ...(annotations.length > shown.length ? [describeRest(annotations, shown)] : []),
    ].join(" "),
  };
  return [first, ...shown].map((annotation) => toCommand(annotation, locationOf(header))).join("");
});

function fromFailure({ subject, message }: Failure): Annotation {
  return { kind: "error", title: `Not judged: ${subject}`, message };
}

function fromFinding(finding: Finding, header: AuditHeader): Annotation {
  const standing = standingOf(finding, header);
  const kind = ({ mandatory: "error", advisory: "warning", known: "notice", waived: "notice" } as const)[standing];
  const mark = kind === "notice" ? `, ${standing}` : "";
  return { kind, title: `${finding.rule} (${finding.severity}${mark})`, message: describeFinding(finding) };
}

function describeRest(all: readonly Annotation[], shown: readonly Annotation[]): string {
  const more = KINDS.flatMap((kind) => {
    const of = (annotations: readonly Annotation[]) =>
      annotations.filter((annotation) => annotation.kind === kind).length;
    const number = of(all) - of(shown);
    return number > 0 ? [count(number, kind)] : [];
  });
  return `Not shown here: ${more.join(", ")}. The other reports have them all.`;
}

function toCommand({ kind, title, message }: Annotation, file: string): string {
  return `::${kind} file=${property(file)},line=1,title=${property(title)}::${data(message)}\n`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
