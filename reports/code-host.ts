/** What reports for code hosts have in common. */
import { createHash } from "node:crypto";
import type { AuditHeader, Failure } from "../audit/result";

/** What a failure is called where findings have their rule. */
export const COULD_NOT_JUDGE = "could-not-judge";

/** The same for the same subject in every run, whatever the message. */
export function failureFingerprint({ subject }: Failure): string {
  return sha256(COULD_NOT_JUDGE, subject);
}

/** SHA-256 over texts, in lower-case hex. */
export function sha256(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** The file in which code hosts show the findings. */
export function locationOf({ location = "Pulumi.yaml" }: AuditHeader): string {
  return location;
}
