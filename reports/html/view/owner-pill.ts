import type { PageData } from "../model";
import { html, type Html } from "./html";

/** The owner of a finding or a user, and how it was found; nothing where owners are not named. */
export function ownerPill(data: PageData, owned: { readonly owner?: number }): Html | undefined {
  if (!data.namesOwners) return undefined;
  const owner = data.owners[owned.owner ?? -1];
  if (!owner) return html` <span class="pill warn">no owner</span>`;
  return html` <span class="pill owner" title="owner by ${owner.foundBy}"
    >owner <bdi>${owner.name}</bdi> <span class="muted">by ${owner.foundBy}</span></span
  >`;
}
