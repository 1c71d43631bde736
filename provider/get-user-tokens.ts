import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import type { Reader } from "../client/reader";
import { CONFIG_NAMESPACE, type ClientSettings } from "../client/settings";
import { encodeText } from "../core/printable";
import { encodeToken, type UserToken } from "../core/user-token";
import { programSettings } from "./program-config";
import { currentRun, isMocked } from "./program-run";

/** What the function is called where functions have names: in the plugin, and in mocks. */
const TOKEN = `${CONFIG_NAMESPACE}:index:getUserTokens`;

/** What {@link getUserTokens} needs to know. */
export interface GetUserTokensArgs {
  /** The user or service account whose tokens are read: 1 to 255 characters. */
  username: string;
}

/** What {@link getUserTokensOutput} needs to know. */
export interface GetUserTokensOutputArgs {
  /** The user or service account whose tokens are read: 1 to 255 characters. */
  username: pulumi.Input<string>;
}

/** What {@link getUserTokens} gives. */
export interface GetUserTokensResult {
  /** The user whose tokens these are. */
  readonly username: string;
  /** The user's tokens, in the order of their creation. */
  readonly tokens: UserToken[];
}

/**
 * Reads the API tokens of one MotherDuck user, in the program itself.
 *
 * **Policies do not see function calls.** Where a policy shall judge the tokens, declare {@link UserTokens}.
 *
 * Under `pulumi.runtime.setMocks` nothing is sent: the mocks' `call` answers `motherduck-tokens:index:getUserTokens`, the
 * token that the plugin's function has, too.
 *
 * @returns the tokens; a user is asked for once a program run.
 * @throws MotherDuckTokensError (as a rejected promise) that says what happened and what to do next: an `ApiError` with the
 *   `status`, a `NetworkError` with the `code`, a `ResponseError`, or a `SettingsError` where nothing was sent. None holds the
 *   API token.
 */
export async function getUserTokens(args: GetUserTokensArgs): Promise<GetUserTokensResult> {
  if (isMocked()) return askMocks(args);
  const { username, tokens } = await (await programReader()).read(args.username);
  // As resources do: programs export what they get, and the engine prints it as it is.
  return { username: encodeText(username), tokens: tokens.map(encodeToken) };
}

/** {@link getUserTokens} for arguments that are outputs; where the username is unknown, so is the result. */
export function getUserTokensOutput(args: GetUserTokensOutputArgs): pulumi.Output<GetUserTokensResult> {
  return pulumi.output(args).apply((known) => getUserTokens(known));
}

/** The readers of each run, with the settings that they were made of. */
const readers = new WeakMap<object, { readonly settings: ClientSettings; readonly reader: Reader }[]>();

/**
 * One reader a run and its settings: with the Automation API, several runs share a process, one after the other or at the
 * same time, and none may get what another one has read. The HTTP client is loaded on first use, most programs do not need
 * it.
 */
async function programReader(): Promise<Reader> {
  const settings = programSettings();
  const { createReader } = await import("../client/reader");
  const run = currentRun();
  // Outside of a run there is nothing that would end what is remembered.
  if (!run) return createReader(settings);
  const known = readers.get(run) ?? [];
  readers.set(run, known);
  const found = known.find((entry) => isDeepStrictEqual(entry.settings, settings));
  if (found) return found.reader;
  const reader = createReader(settings);
  known.push({ settings, reader });
  return reader;
}

/** What the mocks of a unit test answer; nothing is sent. */
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
