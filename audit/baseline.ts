import { createHash } from "node:crypto";
import * as v from "valibot";
import { AuditError } from "./audit-error";
import type { Finding } from "./result";

/** What a finding is about, which makes it the same finding in another run. Never the message: it changes with the days. */
interface FindingIdentity {
  readonly rule: string;
  readonly username?: string;
  readonly tokenId?: string;
  /** What it is about where that is neither a user nor a token, for example a waiver's id. */
  readonly subject?: string;
}

/** SHA-256 over rule, user and token, in lower-case hex. */
export function fingerprint({ rule, username, tokenId, subject }: FindingIdentity): string {
  const parts = [rule, username ?? null, tokenId ?? null, ...(subject === undefined ? [] : [subject])];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

const BaselineSchema = v.object({
  version: v.literal(1),
  findings: v.array(v.object({ fingerprint: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "64 hex digits")) })),
});

/**
 * The fingerprints of a baseline file.
 *
 * @throws AuditError for a text that is no baseline: an unread one would make all findings new, or known.
 */
export function parseBaseline(name: string, text: string): ReadonlySet<string> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new AuditError(`${name}: it is not valid JSON. Write the baseline again with --write-baseline.`);
  }
  const result = v.safeParse(BaselineSchema, content, { abortEarly: true });
  if (!result.success) {
    const [{ path, message }] = result.issues;
    const key = (path ?? []).map((part) => String(part.key)).join(".");
    throw new AuditError(
      `${name}: it is no baseline of this version${key && ` (${key})`}: ${message}. Write it again with --write-baseline.`,
    );
  }
  return new Set(result.output.findings.map((finding) => finding.fingerprint));
}

/** A baseline file: the findings that are accepted for now, in a stable order, with what a reader needs to know them by. */
export function formatBaseline(findings: readonly Finding[]): string {
  const entries = new Map(
    findings.map(({ fingerprint, rule, username, tokenId }) => [fingerprint, { fingerprint, rule, username, tokenId }]),
  );
  const sorted = [...entries.values()].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
  return `${JSON.stringify({ version: 1, findings: sorted }, null, 2)}\n`;
}
