import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { Certificate } from "../../faults/certificates";

/** A mail that a server took. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  /** Whether it came over TLS. */
  readonly secure: boolean;
  /** Who signed in. */
  readonly user?: string;
}

/** A mail server on loopback. */
export interface MailServer {
  readonly port: number;
  readonly mails: Mail[];
  /** What it was told of passwords, right or wrong. */
  readonly passwords: string[];
  /** Whether it refuses all recipients. */
  refuses: boolean;
  stop(): Promise<void>;
}

/** The password that servers take. */
export const MAIL_PASSWORD = "very-secret";

/** How a server speaks TLS: from the start, when it is asked to, or not at all. */
export type ServerTls = { readonly kind: "implicit" | "starttls"; readonly certificate: Certificate } | "none";

/** Starts a mail server, which takes mail from anybody, also over what is readable on the way. */
export async function startMailServer(tls: ServerTls = "none", options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: Mail[] = [];
  const passwords: string[] = [];
  const state = { refuses: false };
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    ...(tls === "none" ? { disabledCommands: ["STARTTLS"] } : { ...tls.certificate, secure: tls.kind === "implicit" }),
    onAuth({ username, password }, _session, done) {
      passwords.push(password ?? "");
      if (password === MAIL_PASSWORD) done(null, { user: username });
      else done(new Error(`no ${password}`));
    },
    onRcptTo: (_address, _session, done) =>
      done(state.refuses ? Object.assign(new Error("no"), { responseCode: 550 }) : null),
    onData(stream, { envelope, user, secure }, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : "";
        const to = envelope.rcptTo.map(({ address }) => address);
        const text = Buffer.concat(chunks).toString();
        mails.push({ from, to, text, secure, ...(typeof user === "string" && { user }) });
        done();
      });
    },
    ...options,
  });
  // A client that does not trust it breaks off.
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(state, {
    port: (server.server.address() as AddressInfo).port,
    mails,
    passwords,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
}
