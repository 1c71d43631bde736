import { groupBy } from "../core/group-by";
import * as v from "valibot";
import { count } from "../core/count";
import { DAY, daysToMs } from "../core/duration";
import { compileGlob } from "../core/glob";
import { isOfOrganization } from "../core/identity";
import { isBlank, printable } from "../core/printable";
import type { Origin } from "../core/provenance";
import { compileTokenGlob } from "../core/user-token";
import { NonEmptyText } from "./setting-types";

/** A waiver as it is written in the settings file. */
export const WaiverSchema = v.strictObject({
  id: v.pipe(
    NonEmptyText,
    v.description("What findings and reports call it, for example WVR-2026-014. Unique in the file."),
  ),
  rule: v.pipe(NonEmptyText, v.description("The rule that it is about.")),
  user: v.pipe(NonEmptyText, v.description("The username, or a glob.")),
  token: v.optional(
    v.pipe(
      NonEmptyText,
      v.description(
        "The token's id (better: a rotated token must not inherit a waiver), or a glob for its name. Without it, all of the user's violations of the rule.",
      ),
    ),
  ),
  organization: v.optional(
    v.pipe(
      NonEmptyText,
      v.description(
        "The organization whose user it is, as motherduck-tokens:organization names it. Default: the settings' own `organization`; without that, evidence that names none.",
      ),
    ),
  ),
  reason: v.optional(v.pipe(v.string(), v.description("Why. Required, 10 characters at least."))),
  owner: v.optional(v.pipe(v.string(), v.description("Who answers for it. Required."))),
  ticket: v.optional(v.pipe(v.string(), v.description("Where it was decided."))),
  expires: v.pipe(
    v.string(),
    v.isoDate("a date, YYYY-MM-DD"),
    v.description("The last day on which it holds, to its end in UTC: YYYY-MM-DD. At most 90 days from now."),
  ),
});

/** An exception from one rule: for whom, why, who owns it, and until when. */
export type Waiver = v.InferOutput<typeof WaiverSchema>;

/** What the rule `waiver-hygiene` sets. */
export interface WaiverLimits {
  /** Days from now to the end of a waiver, at most. */
  readonly maxDays: number;
  readonly requireTicket: boolean;
}

const MIN_REASON_LENGTH = 10;

/** What is wrong with a waiver. One with a fault hides nothing. */
export function findWaiverFaults(waiver: Waiver, { maxDays, requireTicket }: WaiverLimits, now: number): string[] {
  return [
    findEndFault(waiver.expires, maxDays, now),
    isBlank(waiver.reason ?? "") || (waiver.reason ?? "").trim().length < MIN_REASON_LENGTH
      ? `its reason has fewer than ${MIN_REASON_LENGTH} characters`
      : undefined,
    isBlank(waiver.owner ?? "") ? "it has no owner" : undefined,
    requireTicket && isBlank(waiver.ticket ?? "") ? "it has no ticket" : undefined,
  ].filter((fault) => fault !== undefined);
}

function findEndFault(expires: string, maxDays: number, now: number): string | undefined {
  if (!isDay(expires)) return `expires ${expires} is not a date`;
  const lastDay = Date.parse(`${expires}T00:00:00Z`);
  if (lastDay + DAY <= now) return `it expired on ${expires}`;
  return lastDay > now + daysToMs(maxDays)
    ? `it ends on ${expires}, more than ${count(maxDays, "day")} from now`
    : undefined;
}

/** A day that does not exist has the same form as one that does, and `Date` reads 30 February as 2 March. */
function isDay(text: string): boolean {
  const instant = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text);
}

/** Why a waiver cannot be accepted at all; `undefined` where it can. */
export function refuseWaiver({ user, token }: Waiver): string | undefined {
  const matchesAll = (glob: string) => /^[*?]+$/.test(glob);
  if (matchesAll(user) && (token === undefined || matchesAll(token))) {
    return "waives every token of every user; name the user or the token";
  }
  return undefined;
}

/** What a violation is about, as waivers see it. */
export interface WaivableViolation {
  readonly rule: string;
  readonly username: string;
  /** Where the user's tokens were read; absent if the evidence does not include it. */
  readonly origin?: Origin | undefined;
  /** Absent where it is about the user as a whole. */
  readonly tokenId?: string | undefined;
  readonly tokenName?: string | undefined;
}

/** Finds the waivers that hold for a violation: the one that ends last comes first, and is the one that is named. */
export type WaiverMatcher = (violation: WaivableViolation) => readonly Waiver[];

/** Makes a matcher of the waivers that have no fault now. Their order in the file decides nothing. */
export function createWaiverMatcher(waivers: readonly Waiver[], limits: WaiverLimits, now: number): WaiverMatcher {
  return compileWaivers(waivers)(limits, now);
}

/**
 * The work for {@link createWaiverMatcher} that depends neither on the limits nor on the time, to be done once: a pack asks
 * for each rule and resource, and a waiver that ends while it runs must hide nothing from then on.
 */
export function compileWaivers(waivers: readonly Waiver[]): (limits: WaiverLimits, now: number) => WaiverMatcher {
  const compiled = waivers.map((waiver) => ({ waiver, matches: compileWaiver(waiver) }));
  const byRule = groupBy(compiled, ({ waiver }) => waiver.rule);
  return (limits, now) => (violation) =>
    (byRule.get(violation.rule) ?? [])
      .filter(({ waiver, matches }) => matches(violation) && findWaiverFaults(waiver, limits, now).length === 0)
      .map(({ waiver }) => waiver)
      .sort(lastToEndFirst);
}

/** Of those that end on one day, the one whose id sorts first. */
function lastToEndFirst(a: Waiver, b: Waiver): number {
  if (a.expires !== b.expires) return a.expires > b.expires ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

function compileWaiver({ user, token, organization }: Waiver): (violation: WaivableViolation) => boolean {
  const matchesName = compileGlob(user);
  const matchesUser = ({ username, origin }: WaivableViolation) =>
    isOfOrganization(origin, organization) && matchesName(username);
  if (token === undefined) return matchesUser;
  const matchesToken = compileTokenGlob(token);
  return (violation) => {
    const { tokenId: id, tokenName: name } = violation;
    return id !== undefined && matchesUser(violation) && matchesToken({ id, ...(name !== undefined && { name }) });
  };
}

/** How advisory notes and reports name a waiver. */
export function describeWaiver({ id, owner = "", expires, reason = "" }: Waiver): string {
  return printable(`waived by ${id} until ${expires} (${owner}): ${reason}`);
}
