import { originKey } from "../core/identity";
import type { JudgedViolation } from "./judge-user";
import type { UserEvidence } from "./rule";

/** Which waivers held for a violation while a pack, or an audit, ran. */
export interface WaiverUse {
  /** Notes the waivers of a violation of a user. */
  note(violation: Pick<JudgedViolation, "waivers">, user: Pick<UserEvidence, "origin">): void;
  /** The ids of the waivers that held. */
  readonly used: ReadonlySet<string>;
  /** By id, whose users a waiver held for, as keys of identity: one that holds for two organizations is a fault. */
  readonly origins: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Makes an empty record. */
export function createWaiverUse(): WaiverUse {
  const origins = new Map<string, Set<string>>();
  const used = new Set<string>();
  return {
    used,
    origins,
    note({ waivers = [] }, { origin }) {
      for (const { id } of waivers) {
        used.add(id);
        origins.set(id, (origins.get(id) ?? new Set()).add(originKey(origin)));
      }
    },
  };
}
