import type { AuditHeader } from "../audit/result";
import { NOT_READ } from "../audit/evidence-source";
import type { Scope } from "./append";
import { isoText } from "./duckdb";
import type { Ledger } from "./ledger";

/**
 * When the last complete audit before this one was: of the same scope and source, and of the API's same organization, as the
 * environment names it. It is found even where nobody could be read, so that nothing tells the organization but the
 * environment. To be called inside {@link Ledger.read} or {@link Ledger.write}.
 */
export async function lastCompleteRun(
  { database }: Ledger,
  { source, organization = "", now, ...header }: AuditHeader,
  scope: Scope = header.scope ?? "unknown",
): Promise<string | undefined> {
  const [last] = await database.rows(LAST, {
    ...{ source: source.kind, name: source.name, scope, organization, now: Date.parse(now) },
  });
  return last?.judged_at == null ? undefined : String(last.judged_at);
}

const LAST = `
  SELECT ${isoText("max(judged_at)")} AS judged_at
  FROM token_ledger.runs r LEFT JOIN token_ledger.organizations o USING (organization_id)
  WHERE is_complete AND source = $source AND scope = $scope AND judged_at < epoch_ms($now::BIGINT)
    AND (source_name = $name OR $name = '${NOT_READ}')
    AND (source <> 'api' OR coalesce(o.organization, '') = $organization)`;
