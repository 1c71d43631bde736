import { createHmac } from "node:crypto";
import { AuditError } from "../../audit/audit-error";
import { type Digest, noticeId } from "../notice";

/** The body of a request to a webhook. Its texts are as reports have them. */
export function webhookBody({ id, owner, notices }: Digest): object {
  return {
    version: 1,
    id,
    owner: owner ?? null,
    notices: notices.map((notice) => {
      const { kind, days, apiUrl, organization, username, tokenId, tokenName, expireAt, message } = notice;
      const fingerprint = kind === "finding" ? notice.subject : undefined;
      return {
        ...{ id: noticeId(notice), kind, days, apiUrl, organization, username, tokenId, tokenName, expireAt },
        ...{ fingerprint, message },
      };
    }),
  };
}

/** The key in `whsec_` and base64. @throws AuditError that names the variable. */
export function signingKey(secret: string, variable: string): Buffer {
  const [, text = ""] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(text, "base64");
  if (key.length >= 24) return key;
  throw new AuditError(
    `nothing was sent: ${variable} is not a secret of Standard Webhooks, which is whsec_ and at least 24 bytes in base64 (its value is not shown).`,
  );
}

/** The headers by which a receiver knows who sent a request, and when: those of Standard Webhooks. */
export function signatureHeaders(id: string, body: string, key: Buffer, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
