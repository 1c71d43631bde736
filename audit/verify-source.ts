import { encodeText } from "../core/printable";
import type { OwnReader } from "../policies/own-reader";
import { verifyEvidence } from "../policies/verify-evidence";
import type { EvidenceItem, EvidenceSource } from "./evidence-source";

/**
 * Compares the evidence of a state or of events with what the audit reads itself, as the pack does. What it cannot read is
 * a failure of the audit.
 */
export function verifySource(source: EvidenceSource, makeReader: () => Promise<OwnReader>): EvidenceSource {
  async function* read(): AsyncGenerator<EvidenceItem> {
    let reader: OwnReader | undefined;
    for await (const item of source.read()) {
      if (item.kind !== "user") {
        yield item;
        continue;
      }
      // The first user of a resource carries the others.
      if (!item.resource) continue;
      const { urn = "" } = item;
      reader ??= await makeReader();
      const { users, failure } = await verifyEvidence(item.resource.users, item.resource.selection, reader);
      for (const user of users) {
        yield { kind: "user", user, urn };
        const username = encodeText(user.username);
        if (user.own?.kind === "failed") {
          const message = `the evidence cannot be verified: ${user.own.reason}`;
          yield { kind: "failure", failure: { subject: username, username, urn, message } };
        }
      }
      if (failure !== undefined) {
        const message = `it cannot be verified that the evidence holds everybody: ${failure}`;
        yield { kind: "failure", failure: { subject: urn, urn, message } };
      }
    }
  }
  return { ...source, read };
}
