import { AuditError } from "../../audit/audit-error";
import { startDeadline } from "../../client/http/deadline";
import { DEFAULT_RETRY_TIMING, type RetryTiming } from "../../client/http/retry";
import { isLoopback } from "../../core/api-url";
import type { Digest } from "../notice";

/** Delivers a message. @throws DeliveryError */
export type Send = (digest: Digest) => Promise<void>;

/** A channel did not accept a message. The message holds no URL, password or name. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  /** Whether the channel itself is not usable, so that it is not tried again in this run. */
  readonly isDown: boolean;

  constructor(message: string, { isDown }: { readonly isDown: boolean }) {
    super(message);
    this.isDown = isDown;
  }
}

/** How long the delivery of a message may take. The tests shorten it. */
export interface DeliveryTiming extends RetryTiming {
  /** Seconds for a message, with all attempts: the ledger is locked meanwhile. */
  readonly deliverySeconds: number;
}

export const DEFAULT_DELIVERY_TIMING: DeliveryTiming = { ...DEFAULT_RETRY_TIMING, deliverySeconds: 120 };

/**
 * Sends a message, in the time that a delivery may take.
 *
 * @param send ends when the signal is aborted.
 * @param toError what its errors say, as far as that is safe to show.
 * @throws DeliveryError
 */
export async function sendInTime(
  { deliverySeconds }: DeliveryTiming,
  send: (signal: AbortSignal) => Promise<void>,
  toError: (error: unknown, signal: AbortSignal) => DeliveryError | Promise<DeliveryError>,
): Promise<void> {
  const deadline = startDeadline(deliverySeconds);
  try {
    await send(deadline.signal);
  } catch (error) {
    if (!deadline.isUp()) throw await toError(error, deadline.signal);
    throw new DeliveryError(`it did not accept the message within ${deliverySeconds} s`, { isDown: true });
  } finally {
    deadline.clear();
  }
}

/** Why nothing was sent to a server whose certificate is not one of a CA that this machine trusts. @param code OpenSSL's. */
export function certificateRefused(code: string): string {
  return `its certificate was not accepted (${code}), so it got nothing. If its CA is your own, name the CA's file in NODE_EXTRA_CA_CERTS`;
}

/** A secret from the environment. @throws AuditError that names the variable, where it is unset or empty. */
export function secretIn(env: NodeJS.ProcessEnv, variable: string, channel: string): string {
  const value = env[variable]?.trim();
  if (value) return value;
  throw new AuditError(`nothing was sent: set ${variable}, which the channel ${channel} needs.`);
}

/** A URL from the environment. @throws AuditError that names the variable and never shows the URL, which is a secret. */
export function urlIn(env: NodeJS.ProcessEnv, variable: string, channel: string): string {
  const text = secretIn(env, variable, channel);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (url && isSafe && url.username === "" && url.password === "" && !/\s/.test(text)) return text;
  throw new AuditError(
    `nothing was sent: ${variable}, which the channel ${channel} needs, is not an https URL without user information (its value is not shown).`,
  );
}
