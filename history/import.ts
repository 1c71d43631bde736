import type { AuditClosing, AuditHeader, JudgedUser } from "../audit/result";
import { AuditError } from "../audit/audit-error";
import { appendRun, type Recorded } from "./append";
import type { Ledger } from "./ledger";
import { settleMissing } from "./observe";
import { subjectOf } from "./record";
import { Staging } from "./staging";

/** A JSON report, as it is imported. */
export interface EarlierReport {
  readonly name: string;
  readonly audit: AuditHeader;
  readonly users: readonly JudgedUser[];
  readonly closing: AuditClosing;
}

/**
 * Records audits that were made before there was a ledger. Not every report tells whom it was meant to cover, so nobody
 * counts as gone because of one, and it is dated by its own clock.
 *
 * @throws AuditError for a report dated in the future.
 */
export async function importReport(ledger: Ledger, { name, audit, users, closing }: EarlierReport): Promise<Recorded> {
  const judgedAt = Date.parse(audit.now);
  if (judgedAt > Date.now()) {
    throw new AuditError(`${name}: it was judged as of ${audit.now}, which is still to come. Import it then.`);
  }
  const staging = await Staging.start(ledger.database, audit);
  for (const user of users) staging.add(user, audit);
  const digest = staging.end(closing, subjectOf(audit, "unknown"));
  return ledger.write(async () => {
    const recorded = await appendRun(ledger, {
      ...{ header: audit, closing, scope: "unknown" as const, digest, finishedAt: judgedAt },
    });
    if (!recorded.isKnown) await settleMissing(ledger.database);
    return recorded;
  });
}
