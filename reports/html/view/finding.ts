import { type Standing, standingOf } from "../../../audit/standing";
import type { Severity } from "../../../policies/rule";
import { urgencyOf } from "../../vocabulary/urgency";
import type { FindingData, PageData } from "../model";

/** The data that findings refer to. */
type Rules = Pick<PageData, "rules" | "failOnNew">;

export function levelOf({ rules }: Pick<PageData, "rules">, finding: FindingData): "mandatory" | "advisory" {
  return finding.enforcementLevel ?? (rules[finding.rule]?.enforcementLevel === "mandatory" ? "mandatory" : "advisory");
}

export function severityOf({ rules }: Pick<PageData, "rules">, finding: FindingData): Severity {
  return finding.severity ?? rules[finding.rule]?.severity ?? "critical";
}

/** What a finding of the page counts as. */
export function standingOnPage(data: Rules, finding: FindingData): Standing {
  return standingOf({ ...finding, enforcementLevel: levelOf(data, finding) }, data);
}

/** How urgent a finding of the page is: less is more urgent. */
export function urgencyOnPage(data: Rules, finding: FindingData): number {
  return urgencyOf(standingOnPage(data, finding), severityOf(data, finding));
}

const TONES = { mandatory: "fail", advisory: "warn", known: "calm", waived: "calm" } as const satisfies Record<
  Standing,
  string
>;

/** A finding's colour: red for failures, amber for warnings, grey for what does not count. */
export function toneOf(data: Rules, finding: FindingData): (typeof TONES)[Standing] {
  return TONES[standingOnPage(data, finding)];
}

/** In the place of a name, for what nobody owns: owners' names are not blank. */
export const NOBODY = " ";

/** The name of the owner of a finding, or of a user; {@link NOBODY} for none. */
export function ownerName({ owners }: Pick<PageData, "owners">, { owner }: { readonly owner?: number }): string {
  return owners[owner ?? -1]?.name ?? NOBODY;
}

/** Findings of each user, in their order. */
export function findingsByUser({ users, findings }: PageData): readonly (readonly FindingData[])[] {
  const lists: FindingData[][] = users.map(() => []);
  for (const finding of findings) if (finding.user !== undefined) lists[finding.user]?.push(finding);
  return lists;
}
