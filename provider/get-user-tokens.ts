import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import type { Reader } from "../client/reader";
import { CONFIG_NAMESPACE, type ClientSettings } from "../client/settings";
import { encodeText } from "../core/printable";
import { encodeToken, type UserToken } from "../core/user-token";
import { programSettings } from "./program-config";
import { currentRun, isMocked } from "./program-run";

/** The function's token, in the plugin and in mocks. */
const TOKEN = `${CONFIG_NAMESPACE}:index:getUserTokens`;

/** The arguments of {@link getUserTokens}. */
export interface GetUserTokensArgs {
  /** The user or service account whose tokens are read: 1 to 255 characters. */
  username: string;
}

/** The arguments of {@link getUserTokensOutput}. */
export interface GetUserTokensOutputArgs {
  /** The user or service account whose tokens are read: 1 to 255 characters. */
  username: pulumi.Input<string>;
}

/** The result of {@link getUserTokens}. */
export interface GetUserTokensResult {
  /** The user whose tokens these are. */
  readonly username: string;
  /** The user's tokens, in the order of their creation. */
  readonly tokens: UserToken[];
}

/**
 * Reads the API tokens of one MotherDuck user, in the program itself.
 *
 * **Policies do not see function calls.** For policies to judge the tokens, declare {@link UserTokens}.
 *
 * Under `pulumi.runtime.setMocks` nothing is sent: the mocks' `call` answers `motherduck-tokens:index:getUserTokens`, which
 * is also the token of the plugin's function.
 *
 * @returns the tokens; each user is read once per run of the program.
 * @throws MotherDuckTokensError (as a rejected promise) that says what happened and what to do next: an `ApiError` with the
 *   `status`, a `NetworkError` with the `code`, a `ResponseError`, or a `SettingsError` if nothing was sent. None contains the
 *   API token.
 */
export async function getUserTokens(args: GetUserTokensArgs): Promise<GetUserTokensResult> {
  if (isMocked()) return askMocks(args);
  const { username, tokens } = await (await programReader()).read(args.username);
  // Encoded as for resources: programs export the result, and the engine prints it unescaped.
  return { username: encodeText(username), tokens: tokens.map(encodeToken) };
}

/** {@link getUserTokens} with outputs as arguments. If the username is unknown, so is the result. */
export function getUserTokensOutput(args: GetUserTokensOutputArgs): pulumi.Output<GetUserTokensResult> {
  return pulumi.output(args).apply((known) => getUserTokens(known));
}

/** The readers of each run, with their settings. */
const readers = new WeakMap<object, { readonly settings: ClientSettings; readonly reader: Reader }[]>();

/**
 * Returns the reader of this run and its settings. With the Automation API, several runs share a process, one after another
 * or at the same time, and none may get what another one has read. The HTTP client is loaded on first use, because most
 * programs do not need it.
 */
async function programReader(): Promise<Reader> {
  const settings = programSettings();
  const { createReader } = await import("../client/reader");
  const run = currentRun();
  // Outside of a run, nothing would end the life of a remembered reader.
  if (!run) return createReader(settings);
  const known = readers.get(run) ?? [];
  readers.set(run, known);
  const found = known.find((entry) => isDeepStrictEqual(entry.settings, settings));
  if (found) return found.reader;
  const reader = createReader(settings);
  known.push({ settings, reader });
  return reader;
}

/** Asks the mocks of a unit test; nothing is sent. */
async function askMocks(args: GetUserTokensArgs): Promise<GetUserTokensResult> {
  const { username, tokens } = (await pulumi.runtime.invoke(TOKEN, {
    username: args.username,
  })) as Partial<GetUserTokensResult>;
  if (!Array.isArray(tokens)) {
    throw new Error(
      `the mocks answer ${TOKEN} without tokens. Let \`call\` of pulumi.runtime.setMocks return { username, tokens } for it.`,
    );
  }
  return { username: username ?? args.username, tokens };
}
