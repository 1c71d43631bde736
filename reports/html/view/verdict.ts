import type { PageData, PageFacts } from "../model";
import { findingsByUser, levelOf, statusOf } from "./finding";
import { counted, enumerated } from "./words";

/** The first thing to read: how it went. */
export interface Verdict {
  readonly tone: "fail" | "warn" | "pass";
  /** One word or two, for the title and the mark. */
  readonly word: string;
  readonly sentence: string;
}

/** The verdict. What could not be judged comes first, and only what was judged and has no findings looks clean. */
export function verdictOf(data: PageData, { totals, failOn, notJudged }: PageFacts): Verdict {
  const mandatory = culprits(data, "mandatory");
  const advisory = culprits(data, "advisory");
  const breaks = [
    ...(mandatory ? [`${mandatory.who} ${mandatory.verb} mandatory rules`] : []),
    ...(advisory ? [`${advisory.who} ${advisory.verb} advisory rules`] : []),
  ];
  const fails = (mandatory && failOn !== "none") || (advisory && failOn === "advisory");
  if (totals.exitCode === 2 || totals.failures > 0) {
    const also = breaks.length > 0 ? ` Of what was judged, ${breaks.join(", and ")}.` : "";
    const what =
      totals.failures > 0
        ? `${counted(totals.failures, "thing")} could not be read or judged.`
        : "The audit is not complete.";
    return { tone: "fail", word: "Could not judge everything", sentence: what + also };
  }
  if (totals.exitCode === 1 || fails) {
    return { tone: "fail", word: "Fails", sentence: `${capital(breaks.join(", and "))}.` };
  }
  if (totals.users === 0)
    return { tone: "warn", word: "Nothing was judged", sentence: "There are no users in the evidence." };
  if (breaks.length > 0) {
    const why = failOn === "none" ? " No finding makes this audit fail." : "";
    return { tone: "warn", word: "Passes, with findings", sentence: `${capital(breaks.join(", and "))}.${why}` };
  }
  if (totals.tokens === 0)
    return { tone: "pass", word: "Passes", sentence: `${counted(totals.users, "user")} judged: there are no tokens.` };
  const excused = [
    ...(totals.waived > 0 ? [`${counted(totals.waived, "finding is", "findings are")} waived`] : []),
    ...(totals.known > 0 ? [`${counted(totals.known, "finding is", "findings are")} known to the baseline`] : []),
  ];
  return {
    tone: "pass",
    word: "Passes",
    sentence: `${counted(totals.tokens, "token")} of ${counted(totals.users, "user")} keep all rules${notJudged === undefined ? "" : " that could be judged"}${
      excused.length > 0 ? `; ${excused.join(" and ")}` : ""
    }.`,
  };
}

/** Who breaks rules of a level: tokens, users as a whole, and the configuration. */
function culprits(data: PageData, level: "mandatory" | "advisory"): { who: string; verb: string } | undefined {
  const counts = { tokens: 0, users: 0 };
  const isOpen = (finding: PageData["findings"][number]) =>
    statusOf(finding) === "open" && levelOf(data.rules, finding) === level;
  for (const findings of findingsByUser(data)) {
    const open = findings.filter(isOpen);
    counts.tokens += new Set(open.flatMap(({ token }) => token ?? [])).size;
    if (open.some(({ token }) => token === undefined)) counts.users++;
  }
  const isConfiguration = data.findings.some((finding) => finding.user === undefined && isOpen(finding));
  const who = [
    ...(counts.tokens > 0 ? [counted(counts.tokens, "token")] : []),
    ...(counts.users > 0 ? [counted(counts.users, "user")] : []),
    ...(isConfiguration ? ["the configuration"] : []),
  ];
  if (who.length === 0) return undefined;
  const isSingular = who.length === 1 && (isConfiguration || counts.tokens + counts.users === 1);
  return { who: enumerated(who), verb: isSingular ? "breaks" : "break" };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
