import type { AuditHeader, AuditRule, Finding } from "../audit/result";
import { isCounted, type Standing, standingOf } from "./standing";

/** How often one rule is broken. */
export interface RuleTally {
  readonly rule: AuditRule;
  /** Findings by what they count as. */
  readonly findings: Readonly<Record<Standing, number>>;
  /** Tokens with a finding that counts. */
  readonly tokens: number;
}

/** Counts findings by rule, in memory that does not grow with them. */
export class Tally {
  readonly #header: AuditHeader;
  readonly #counts = new Map<string, { findings: Record<Standing, number>; tokens: number }>();

  constructor(header: AuditHeader) {
    this.#header = header;
  }

  add(findings: readonly Finding[]): void {
    for (const finding of findings) {
      let count = this.#counts.get(finding.rule);
      if (count === undefined) {
        count = { findings: { mandatory: 0, advisory: 0, known: 0, waived: 0 }, tokens: 0 };
        this.#counts.set(finding.rule, count);
      }
      count.findings[standingOf(finding, this.#header)]++;
      // A rule finds a token once.
      if (finding.tokenId !== undefined && isCounted(finding, this.#header)) count.tokens++;
    }
  }

  /** The rules with findings: what to deal with first in front. */
  rules(): RuleTally[] {
    const broken = this.#header.rules.flatMap((rule) => {
      const count = this.#counts.get(rule.name);
      return count === undefined ? [] : [{ rule, ...count }];
    });
    return broken.sort(
      (a, b) =>
        Number(counted(b) > 0) - Number(counted(a) > 0) ||
        RANK[b.rule.severity] - RANK[a.rule.severity] ||
        b.findings.mandatory - a.findings.mandatory ||
        counted(b) - counted(a),
    );
  }
}

const RANK = { critical: 4, high: 3, medium: 2, low: 1 } as const;

/** The findings of a rule that count. */
export function counted({ findings }: RuleTally): number {
  return findings.mandatory + findings.advisory;
}
