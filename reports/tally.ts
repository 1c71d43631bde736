import type { AuditHeader, AuditRule, Finding } from "../audit/result";
import { isCounted, type Standing, standingOf } from "../audit/standing";
import { compareRules, urgencyOf } from "./vocabulary/urgency";

/** What one rule found. */
export interface RuleTally {
  readonly rule: AuditRule;
  /** Findings by what they count as. */
  readonly findings: Readonly<Record<Standing, number>>;
  /** Findings that count. */
  readonly counted: number;
  /** Tokens with a finding that counts. */
  readonly tokens: number;
  /** That of the most urgent finding. */
  readonly urgency: number;
}

/** Counts findings by rule, in memory that does not grow with them. */
export class Tally {
  readonly #header: AuditHeader;
  readonly #counts = new Map<string, ReturnType<typeof createCount>>();

  constructor(header: AuditHeader) {
    this.#header = header;
  }

  add(findings: readonly Finding[]): void {
    for (const finding of findings) {
      let count = this.#counts.get(finding.rule);
      if (count === undefined) this.#counts.set(finding.rule, (count = createCount()));
      const standing = standingOf(finding, this.#header);
      count.findings[standing]++;
      count.urgency = Math.min(count.urgency, urgencyOf(standing, finding.severity));
      if (!isCounted(standing)) continue;
      count.counted++;
      // A rule finds a token once.
      if (finding.tokenId !== undefined) count.tokens++;
    }
  }

  /** The rules with findings: what to deal with first is in front. */
  rules(): RuleTally[] {
    const broken = this.#header.rules.flatMap((rule) => {
      const count = this.#counts.get(rule.name);
      return count === undefined ? [] : [{ rule, ...count }];
    });
    return broken.sort(compareRules);
  }
}

function createCount() {
  const findings: Record<Standing, number> = { mandatory: 0, advisory: 0, known: 0, waived: 0 };
  return { findings, counted: 0, tokens: 0, urgency: Infinity };
}
