import * as pulumi from "@pulumi/pulumi";
import type { Reader } from "../client/reader";
import { encodeText } from "../core/printable";
import { encodeToken, type UserToken } from "../core/user-token";
import { programSettings } from "./program-config";

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
 * @returns the tokens; a user is asked for once a program run.
 * @throws Error (as a rejected promise) that says what happened and what to do next; it never holds the API token.
 */
export async function getUserTokens(args: GetUserTokensArgs): Promise<GetUserTokensResult> {
  const { username, tokens } = await (await programReader()).read(args.username);
  // As resources do: programs export what they get, and the engine prints it as it is.
  return { username: encodeText(username), tokens: tokens.map(encodeToken) };
}

/** {@link getUserTokens} for arguments that are outputs; where the username is unknown, so is the result. */
export function getUserTokensOutput(args: GetUserTokensOutputArgs): pulumi.Output<GetUserTokensResult> {
  return pulumi.output(args).apply((known) => getUserTokens(known));
}

let reader: Reader | undefined;

/** One reader a program; the HTTP client is loaded on first use, most programs do not need it. */
async function programReader(): Promise<Reader> {
  const { createReader } = await import("../client/reader");
  return (reader ??= createReader(programSettings()));
}
