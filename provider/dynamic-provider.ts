/**
 * What the engine calls, in the process of the dynamic provider. Every resource's state names this module
 * (`pulumi-motherduck-tokens/dynamic-provider`) and its export `userTokens`; both names are for good.
 */
import type * as dynamic from "@pulumi/pulumi/dynamic";
import { unknownValue } from "@pulumi/pulumi/runtime";
import { ApiError } from "../client/errors";
import type { Reader } from "../client/reader";
import { CONFIG_NAMESPACE, type ConfigLookup, resolveSettings } from "../client/settings";
import { isTokenList, sameTokens, type UserToken } from "../core/user-token";

/** What `check` gives to the engine, and so to policies and into state. */
interface Inputs {
  readonly username: unknown;
  /** Absent where the read failed: no evidence is not an empty list. */
  readonly tokens?: UserToken[] | typeof unknownValue;
  /** ISO 8601. Kept in inputs only: outputs are not saved anew while the tokens stay the same. */
  readonly fetchedAt?: string;
}

let readerOfThisProcess: (() => Promise<Reader>) | undefined;

/** The provider of `UserTokens`. */
export const userTokens = {
  configure({ config }: dynamic.ConfigureRequest): Promise<void> {
    readerOfThisProcess = makeReader((key) => {
      // The SDK says `any`; the engine hands all configuration over as text.
      const value: unknown = config.get(`${CONFIG_NAMESPACE}:${key}`);
      return typeof value === "string" ? value : undefined;
    });
    return Promise.resolve();
  },

  /** Reads the tokens. Here, because it is what the engine calls in previews and before policies run. */
  async check(_olds: unknown, news: { username?: unknown }): Promise<dynamic.CheckResult<Inputs>> {
    // Nothing else is taken over from the program: `tokens` that it passed would be evidence it made itself.
    const { username } = news;
    if (username === unknownValue) {
      return { inputs: { username, tokens: unknownValue, fetchedAt: unknownValue } };
    }
    try {
      return { inputs: await read(username) };
    } catch (error) {
      return {
        inputs: { username: username ?? null },
        failures: [{ property: "username", reason: messageOf(error) }],
      };
    }
  },

  /** By the canonical token set: `fetchedAt` is new each time, and is no change. */
  diff(_id: string, olds: Inputs, news: Inputs): Promise<dynamic.DiffResult> {
    const renamed = olds.username !== news.username;
    return Promise.resolve({
      changes: renamed || !sameTokens(olds.tokens, news.tokens),
      replaces: renamed ? ["username"] : [],
      deleteBeforeReplace: true,
    });
  },

  /** Nothing is created: the evidence of `check` goes into state. */
  create(inputs: Inputs): Promise<dynamic.CreateResult> {
    return Promise.resolve({ id: inputs.username as string, outs: outputsOf(inputs) });
  },

  update(_id: string, _olds: Inputs, news: Inputs): Promise<dynamic.UpdateResult> {
    return Promise.resolve({ outs: outputsOf(news) });
  },

  /** For `pulumi refresh`. A user that is gone is gone from state, too. */
  async read(id: string): Promise<dynamic.ReadResult> {
    try {
      const inputs = await read(id);
      return { id, props: outputsOf(inputs), inputs } as dynamic.ReadResult;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404 && error.code === "NOT_FOUND") return { id: "" };
      throw cleanError(error);
    }
  },
};

async function read(username: unknown): Promise<Inputs & { username: string }> {
  const reader = await (readerOfThisProcess ??= makeReader(() => undefined))();
  const { tokens, fetchedAt } = await reader.read(username as string);
  return { username: username as string, tokens, fetchedAt };
}

// Settings that do not hold must fail in `check`, where the engine shows them well, not in `configure`.
function makeReader(config: ConfigLookup): () => Promise<Reader> {
  let reader: Reader | undefined;
  return async () => {
    const settings = resolveSettings(config, process.env);
    const { createReader } = await import("../client/reader");
    return (reader ??= createReader(settings));
  };
}

function outputsOf({ username, tokens }: Inputs): { username: unknown; tokens: UserToken[] } {
  if (!isTokenList(tokens)) {
    throw cleanError(new Error(`no tokens were read for this resource; run the same command without --target`));
  }
  return { username, tokens };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// The SDK prints the stack of what a provider throws; these messages say what to do, the stack says nothing more.
function cleanError(error: unknown): Error {
  const clean = new Error(messageOf(error));
  clean.stack = clean.message;
  return clean;
}
