import type { Send } from "./channels/channel";
import { DeliveryError } from "./channels/channel";
import type { Digest } from "./notice";

/** The outcome of a message. */
export interface Delivery {
  readonly digest: Digest;
  /** Why the channel did not accept it; absent if it did. */
  readonly failure?: string;
}

/**
 * Sends messages one after the other, and records each as soon as its channel has accepted it. A channel that is not usable
 * is not tried again.
 *
 * @param channels by name; has all that the messages need.
 */
export async function* deliver(
  digests: readonly Digest[],
  channels: ReadonlyMap<string, Send>,
  record: (digest: Digest) => Promise<void>,
): AsyncGenerator<Delivery> {
  const down = new Map<string, string>();
  for (const digest of digests) {
    const failure = down.get(digest.channel) ?? (await attempt(digest));
    if (failure === undefined) await record(digest);
    yield { digest, ...(failure !== undefined && { failure }) };
  }

  async function attempt(digest: Digest): Promise<string | undefined> {
    try {
      await channels.get(digest.channel)?.(digest);
      return undefined;
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      if (error.isDown) down.set(digest.channel, error.message);
      return error.message;
    }
  }
}
