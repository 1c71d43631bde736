import { createHash } from "node:crypto";
import * as v from "valibot";
import { groupBy } from "../core/group-by";
import { originKey } from "../core/identity";
import type { Origin } from "../core/provenance";
import { AuditError } from "./audit-error";
import type { Finding } from "./result";

/** What identifies a finding across runs. Not the message, which changes from day to day. */
interface FindingIdentity {
  /** The user's organization; absent if the evidence does not include it. */
  readonly origin?: Origin | undefined;
  readonly rule: string;
  readonly username?: string;
  readonly tokenId?: string;
  /** What else it is about, for example a waiver's id. */
  readonly subject?: string;
}

/** SHA-256 over organization, rule, user and token, in lower-case hex. */
export function fingerprint({ origin, rule, username, tokenId, subject }: FindingIdentity): string {
  const parts = [
    originKey(origin),
    rule,
    username ?? null,
    tokenId ?? null,
    ...(subject === undefined ? [] : [subject]),
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** The findings that are known and accepted for now. */
export interface Baseline {
  /** Whether a finding is known: about the same thing, with no part that was not there. With fewer parts it is still known. */
  readonly knows: (finding: Pick<Finding, "fingerprint" | "parts">) => boolean;
}

/** The version of the baseline format. */
const VERSION = 2;

const BaselineSchema = v.object({
  version: v.literal(VERSION),
  findings: v.array(
    v.object({
      fingerprint: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "64 hex digits")),
      parts: v.optional(v.array(v.string()), []),
    }),
  ),
});

/**
 * Reads a baseline file.
 *
 * @throws AuditError if the text is not a baseline of this version. If it were ignored, all findings would be new, or known.
 */
export function parseBaseline(name: string, text: string): Baseline {
  const again = `Write it again: motherduck-tokens audit … --write-baseline ${name}`;
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new AuditError(`${name}: it is not valid JSON. ${again}`);
  }
  if (typeof content === "object" && content !== null && "version" in content && content.version === 1) {
    throw new AuditError(
      `${name}: it is a baseline of version 1, which records neither the parts of findings nor their organization. ${again}`,
    );
  }
  const result = v.safeParse(BaselineSchema, content, { abortEarly: true });
  if (!result.success) {
    const [{ path, message }] = result.issues;
    const key = (path ?? []).map((part) => String(part.key)).join(".");
    throw new AuditError(`${name}: it is not a baseline of this version${key && ` (${key})`}: ${message}. ${again}`);
  }
  return toBaseline(result.output.findings);
}

/** A finding that was accepted, with the parts that it had then. */
export interface KnownFinding {
  readonly fingerprint: string;
  readonly parts: readonly string[];
}

export function toBaseline(entries: Iterable<KnownFinding>): Baseline {
  // Two findings may be about the same thing: two faults of one waiver.
  const sets = Array.from(entries, ({ fingerprint, parts }) => ({ fingerprint, parts: new Set(parts) }));
  const known = groupBy(sets, ({ fingerprint }) => fingerprint);
  return {
    knows: ({ fingerprint, parts = [] }) =>
      known.get(fingerprint)?.some((entry) => parts.every((part) => entry.parts.has(part))) ?? false,
  };
}

/** Formats a baseline file: the accepted findings in a stable order, with what a reader needs to recognize them. */
export function formatBaseline(findings: readonly Finding[]): string {
  const entries = new Map<string, object>();
  for (const { fingerprint, origin, rule, username, tokenId, subject, parts } of findings) {
    const sorted = parts && [...parts].sort();
    entries.set(JSON.stringify([fingerprint, sorted]), {
      fingerprint,
      origin,
      rule,
      username,
      tokenId,
      subject,
      parts: sorted,
    });
  }
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  return `${JSON.stringify({ version: VERSION, findings: sorted }, null, 2)}\n`;
}
