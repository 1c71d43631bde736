import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before } from "mocha";
import { DAY } from "../../../core/duration";
import type { NotifyConfig } from "../../../policies/configuration/notify";
import { type OwnersConfig, compileOwners } from "../../../policies/owners";
import type { AuditReport, Digest, Notice, SentNotice } from "../../../notices/notice";
import { planDigests } from "../../../notices/plan";
import { DEFAULT_DELIVERY_TIMING, type DeliveryTiming } from "../../../notices/channels/channel";
import { FAST, without } from "../support";
import { closingOf, headerOf, type Run, START, usersOf } from "../history/support";

/** Retries without waiting. */
export const QUICK: DeliveryTiming = { ...DEFAULT_DELIVERY_TIMING, ...FAST };

/** Days after {@link START}, in milliseconds since the epoch. */
export const atDay = (days: number) => START + days * DAY;

/** The report of an audit. */
export function reportOf(run: Run): AuditReport {
  const { findings, failures } = closingOf(run);
  const header = { scope: "everybody" as const, ...headerOf(run) };
  return { audit: header, users: usersOf(run), findings, failures };
}

/** One channel for everybody. */
export const ONE: NotifyConfig = { channels: { a: { type: "slack", urlVariable: "A_URL" } }, fallback: ["a"] };

/** What is due after a run. */
export function plan(
  run: Run,
  {
    notify = ONE,
    owners = {},
    sent = [],
  }: { notify?: NotifyConfig; owners?: OwnersConfig; sent?: readonly SentNotice[] } = {},
): Digest[] {
  const report = reportOf(run);
  return planDigests({ report, notify, findOwner: compileOwners([owners]), sent, now: Date.parse(report.audit.now) });
}

/** What the ledger has after messages were accepted. */
export function sentBy(digests: readonly Digest[]): SentNotice[] {
  return digests.flatMap(({ channel, notices }) =>
    notices.map((notice) => ({ ...without(notice, "message"), channel })),
  );
}

/** A notice in a few words. */
export function brief({ kind, days, username, tokenId }: Omit<Notice, "message">): string {
  return [kind, days, username, tokenId].filter((part) => part !== undefined).join(" ");
}

/** All notices in a few words. */
export const briefs = (digests: readonly Digest[]) => digests.flatMap(({ notices }) => notices.map(brief));

/** A request that a receiver got. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a receiver answers. */
interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  /** It took the request, and the answer does not arrive. */
  readonly lost?: boolean;
}

/** A receiver of webhooks on loopback. */
export interface Receiver {
  url: string;
  readonly received: Received[];
  /** The answer. Default: 200. */
  answer: (path: string) => Answer;
}

/** Starts a receiver for the tests of a suite. */
export function useReceiver(): Receiver {
  const receiver: Receiver = { url: "", received: [], answer: () => ({ status: 200 }) };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const path = request.url ?? "";
      receiver.received.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString() });
      const { status, body = "ok", headers = {}, lost = false } = receiver.answer(path);
      if (lost) request.socket.destroy();
      else response.writeHead(status, headers).end(body);
    });
  });
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  return receiver;
}
