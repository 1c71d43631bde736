import { isLoopback } from "../../core/api-url";
import { type ChannelConfig, isAddress } from "../../policies/configuration/notify";
import type { Digest } from "../notice";
import { lineOf, salutationOf, titleOf } from "../wording";
import { DeliveryError, secretIn, type Send } from "./channel";

type SmtpConfig = Extract<ChannelConfig, { type: "smtp" }>;

const TIMEOUT_MS = 10_000;
const IMPLICIT_TLS = 465;

/** The text of a mail: plain, so that nothing in it is formatted. */
export function mailText(digest: Digest): string {
  return [salutationOf(digest), "", ...digest.notices.map((notice) => `- ${lineOf(notice)}`), ""].join("\n");
}

/**
 * Sends mail, to a fixed address or to the owner. Only a server on loopback is spoken to without TLS.
 *
 * @throws AuditError where the password's variable is not set.
 */
export function createSmtp(config: SmtpConfig, env: NodeJS.ProcessEnv, channel: string): Send {
  const { host, port = 587, user, passwordVariable, from, to } = config;
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
      ...{ host, port, secure: port === IMPLICIT_TLS, requireTLS: port !== IMPLICIT_TLS && !isLoopback(host) },
      ...(isLoopback(host) && { ignoreTLS: true }),
      ...(user !== undefined && pass !== undefined && { auth: { user, pass } }),
      ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
      ...{ disableFileAccess: true, disableUrlAccess: true },
    });
    try {
      await transport.sendMail({
        from: { name: "", address: from },
        to: { name: "", address: recipient },
        subject: titleOf(digest),
        text: mailText(digest),
        messageId: `<${digest.id}@motherduck-tokens.invalid>`,
        headers: { "Auto-Submitted": "auto-generated" },
        ...{ disableFileAccess: true, disableUrlAccess: true },
      });
    } catch (error) {
      // A server's answer may repeat what it was sent.
      const { code = "no answer", responseCode } = error as { code?: string; responseCode?: number };
      throw new DeliveryError(`the mail server did not take it (${[code, responseCode].filter(Boolean).join(" ")})`, {
        isDown: !(code === "EENVELOPE" || code === "EMESSAGE"),
      });
    } finally {
      transport.close();
    }
  };
}
