import { isAboutCertificate } from "../../client/http/retry";
import { isAddress, type MailConfig } from "../../policies/configuration/notify";
import type { Digest } from "../notice";
import { lineOf, salutationOf, titleOf } from "../wording";
import {
  certificateRefused,
  DEFAULT_DELIVERY_TIMING,
  DeliveryError,
  type DeliveryTiming,
  secretIn,
  type Send,
  sendInTime,
} from "./channel";

/** For the connection, and for the server's greeting. Afterwards, a server may look at a message for a while. */
const GREETING_MS = 10_000;
const PORTS = { starttls: 587, implicit: 465, none: 25 } as const;

/** The text of a mail: plain, so that nothing in it is formatted. */
export function mailText(digest: Digest): string {
  return [salutationOf(digest), "", ...digest.notices.map((notice) => `- ${lineOf(notice)}`), ""].join("\n");
}

/**
 * Sends mail, to a fixed address or to the owner. Without TLS only a server on loopback is spoken to, which the
 * settings have made sure of.
 *
 * @throws AuditError where the password's variable is not set.
 */
export function createSmtp(
  config: MailConfig,
  env: NodeJS.ProcessEnv,
  channel: string,
  timing: DeliveryTiming = DEFAULT_DELIVERY_TIMING,
): Send {
  const { host, user, passwordVariable, from, to } = config;
  const { tls = config.port === PORTS.implicit ? "implicit" : "starttls" } = config;
  const { port = PORTS[tls] } = config;
  const pass = passwordVariable === undefined ? undefined : secretIn(env, passwordVariable, channel);
  return async (digest) => {
    const recipient = to ?? digest.owner;
    if (recipient === undefined || !isAddress(recipient)) {
      throw new DeliveryError("the owner is not an e-mail address: give the channel a fixed one in to", {
        isDown: false,
      });
    }
    const { createTransport } = await import("nodemailer");
    const transport = createTransport({
      ...{ host, port, secure: tls === "implicit", requireTLS: tls === "starttls", ignoreTLS: tls === "none" },
      // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
      tls: { rejectUnauthorized: true, minVersion: "TLSv1.2" },
      ...(user !== undefined && pass !== undefined && { auth: { user, pass } }),
      ...{ connectionTimeout: GREETING_MS, greetingTimeout: GREETING_MS, socketTimeout: timing.deliverySeconds * 1000 },
      ...{ disableFileAccess: true, disableUrlAccess: true },
    });
    const send = async (signal: AbortSignal) => {
      await transport.sendMail({
        signal,
        from: { name: "", address: from },
        to: { name: "", address: recipient },
        subject: titleOf(digest),
        text: mailText(digest),
        messageId: `<${digest.id}@motherduck-tokens.invalid>`,
        headers: { "Auto-Submitted": "auto-generated" },
        ...{ disableFileAccess: true, disableUrlAccess: true },
      });
    };
    await sendInTime(timing, send, toDeliveryError).finally(() => transport.close());
  };
}

/** Without a server's own words, which may repeat what it was sent. */
function toDeliveryError(error: unknown): DeliveryError {
  const { code = "no answer", responseCode, originalCode = code } = error as MailError;
  const isDown = !(code === "EENVELOPE" || code === "EMESSAGE");
  if (isAboutCertificate(originalCode)) return new DeliveryError(certificateRefused(originalCode), { isDown });
  const why = [code === "ESOCKET" ? originalCode : code, responseCode].filter(Boolean).join(" ");
  const what = code === "ETLS" ? "does not switch to TLS, so it got nothing" : "did not take it";
  return new DeliveryError(`the mail server ${what} (${why})`, { isDown });
}

/** What nodemailer's errors have. */
interface MailError {
  readonly code?: string;
  /** The server's. */
  readonly responseCode?: number;
  /** The socket's. */
  readonly originalCode?: string;
}
