import type { AuditHeader, Finding, JudgedUser } from "../../audit/result";
import { standingOf } from "../../audit/standing";
import { count } from "../../core/count";
import { groupBy } from "../../core/group-by";
import { urgencyOf } from "./urgency";
import { enumerate } from "./words";

/** What a report shows of one owner. */
export interface OwnerGroup<Item> {
  /** Absent for what nobody owns. */
  readonly owner?: string;
  readonly items: readonly Item[];
  readonly findings: number;
}

/** Gathers what a report shows, for formats that are grouped by owner. */
export class ByOwner<Item> {
  readonly #header: AuditHeader;
  readonly #groups = new Map<string | undefined, { items: Item[]; findings: number; urgency: number }>();

  constructor(header: AuditHeader) {
    this.#header = header;
  }

  /** @param findings those that the item shows. */
  add(owner: string | undefined, item: Item, findings: readonly Finding[]): void {
    let group = this.#groups.get(owner);
    if (!group) this.#groups.set(owner, (group = { items: [], findings: 0, urgency: Infinity }));
    group.items.push(item);
    group.findings += findings.length;
    for (const finding of findings) {
      group.urgency = Math.min(group.urgency, urgencyOf(standingOf(finding, this.#header), finding.severity));
    }
  }

  /** The owners with the most urgent finding first; what nobody owns is last. */
  groups(): OwnerGroup<Item>[] {
    return [...this.#groups]
      .sort(([a, one], [b, other]) => {
        if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
        // Not a subtraction: Infinity minus Infinity is NaN.
        if (one.urgency !== other.urgency) return one.urgency < other.urgency ? -1 : 1;
        return other.findings - one.findings || (a < b ? -1 : 1);
      })
      .map(([owner, { items, findings }]) => ({ ...(owner !== undefined && { owner }), items, findings }));
  }
}

/** A user with the findings of one owner. */
export interface OwnedPart {
  /** Absent where nobody owns them. */
  readonly owner?: string;
  readonly user: JudgedUser;
}

/** The parts of a user by owner; a user without findings is a part of the user's own owner. */
export function partsByOwner(user: JudgedUser): OwnedPart[] {
  const toPart = (owner: string | undefined, findings: readonly Finding[]): OwnedPart => ({
    ...(owner !== undefined && { owner }),
    user: { ...user, findings },
  });
  if (user.findings.length === 0) return [toPart(user.owner?.name, [])];
  return [...groupBy(user.findings, ({ owner }) => owner?.name)].map(([owner, findings]) => toPart(owner, findings));
}

/** `Owner data-platform: 2 findings`. */
export function titleOwner({ owner, findings }: OwnerGroup<unknown>): string {
  return `${owner === undefined ? WITHOUT_OWNER : `Owner ${owner}`}: ${count(findings, "finding")}`;
}

/** What stands in the place of an owner. */
export const WITHOUT_OWNER = "Without an owner";

/** How the owner of a user's part was found: `owner by token setting and description`; `undefined` where there is none. */
export function describeWays({
  owner,
  findings,
}: Partial<Pick<JudgedUser, "owner">> & Pick<JudgedUser, "findings">): string | undefined {
  const owners = findings.length === 0 ? [owner] : findings.map((finding) => finding.owner);
  const ways = [...new Set(owners.flatMap((one) => one?.foundBy ?? []))];
  return ways.length === 0 ? undefined : `owner by ${enumerate(ways)}`;
}
