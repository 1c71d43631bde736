import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import { execa } from "execa";
import { after, afterEach, before } from "mocha";
import { type ClientSettings, DEFAULT_SETTINGS } from "../../client/settings";
import type { RetryTiming } from "../../client/http/retry";
import { DAY, MINUTE } from "../../core/duration";
import type { UserToken } from "../../core/user-token";
import { type PolicyConfig, resolveConfiguration } from "../../policies/configuration/configuration";
import { limitsInForce } from "../../policies/limits";
import { createContext, toPolicy } from "../../policies/policy";
import { judgeUser, type Report, toReport } from "../../policies/judge-user";
import type { Rule, StackEvidence, StackRule, UserEvidence, UserRule, Violation } from "../../policies/rule";
import { rules, userRules } from "../../policies/rules";
import { resolveRuleSettings } from "../../policies/configuration/settings";
import type { Waiver } from "../../policies/waivers";
import { userTokens } from "../../testing";
import type { WireToken } from "../../tools/stand-in/organization";
import { ROOT } from "../../tools/sandbox";
import { type Reply, StandIn } from "../../tools/stand-in/stand-in";

/** The instant at which the tests judge. */
export const NOW = Date.parse("2026-03-01T12:00:00Z");

/** What a token that replaces another must keep, with the preset `recommended`. */
export const LIMITS = limitsInForce(resolveConfiguration());

/** Days from {@link NOW}, and milliseconds on top, as ISO 8601. */
export function at(days: number, milliseconds = 0): string {
  return new Date(NOW + days * DAY + milliseconds).toISOString();
}

/** Waits between attempts that nobody notices. */
export const FAST: RetryTiming = { baseDelayMs: 1, maxRetryAfterMs: 20 };

/** A token that breaks no rule at {@link NOW}, nor together with others: no two are made at the same time. */
export function userToken(fields: Partial<UserToken> & { id: string }): UserToken {
  return {
    name: fields.id,
    createdTs: createdFor(fields.id),
    expireAt: at(30),
    readOnly: false,
    tokenType: "read_write",
    ...fields,
  };
}

/** A minute of the day that ended ten days ago, the same for the same id. */
function createdFor(id: string): string {
  const minutes = createHash("sha256").update(id).digest().readUInt32BE() % (DAY / MINUTE);
  return at(-10, -minutes * MINUTE);
}

/** The same without a date of expiry. */
export function endlessToken(fields: Partial<UserToken> & { id: string }): UserToken {
  const token: { -readonly [K in keyof UserToken]: UserToken[K] } = userToken(fields);
  delete token.expireAt;
  return token;
}

/** Judges a user, or a user's tokens, by one rule at {@link NOW}: what the engine reports, and of which token. */
export function check(
  rule: UserRule,
  user: readonly UserToken[] | Partial<UserEvidence>,
  config: object = {},
): (Report & { readonly tokenId?: string })[] {
  const evidence = { username: "svc_bi", tokens: [], ...("length" in user ? { tokens: user } : user) };
  return judgeUser(rule, evidence, resolveRuleSettings(rule, config), () => [], NOW, LIMITS).map((violation) => {
    const { tokenId } = violation;
    return { ...(tokenId !== undefined && { tokenId }), ...toReport(violation) };
  });
}

/** The ids of the tokens that a rule finds, in its order; `undefined` for what is about the user. */
export function found(...args: Parameters<typeof check>): (string | undefined)[] {
  return check(...args).map(({ tokenId }) => tokenId);
}

/** What a rule finds about several tokens of a user at {@link NOW}: what tells it from others, and all whom it concerns. */
export function foundGroups(
  rule: UserRule,
  tokens: readonly UserToken[],
  config: object = {},
): Pick<Violation, "subject" | "parts">[] {
  return rule
    .check({ username: "svc_bi", tokens }, resolveRuleSettings(rule, config), NOW, LIMITS)
    .map(({ subject, parts = [] }) => ({ ...(subject !== undefined && { subject }), parts }));
}

/** Judges a stack by one rule at {@link NOW}; what is not said is empty. */
export function checkStack(
  rule: StackRule,
  { usedWaivers = [], ...stack }: Partial<Omit<StackEvidence, "usedWaivers">> & { usedWaivers?: readonly string[] },
  config: object = {},
): Report[] {
  const evidence = { usernames: [], hasUnknown: false, waivers: [], ...stack, usedWaivers: new Set(usedWaivers) };
  return rule.check(evidence, resolveRuleSettings(rule, config), NOW).map(toReport);
}

/** A waiver without a fault at {@link NOW}. */
export function waiver(fields: Partial<Waiver> = {}): Waiver {
  return {
    id: "WVR-1",
    rule: "tokens-must-expire",
    user: "svc_bi",
    reason: "The vendor cannot rotate yet",
    owner: "data-platform@example.com",
    expires: "2026-03-31",
    ...fields,
  };
}

/** Policies of one pack, judging at {@link NOW}. @param only these rules; default: all. */
export function configured(config: PolicyConfig, ...only: readonly Rule[]): ReturnType<typeof toPolicy>[] {
  const context = createContext(resolveConfiguration({ name: "test", config }), () => NOW);
  return (only.length > 0 ? only : rules).map((rule) => toPolicy(rule, context));
}

/** The rules about users that judge where nothing is configured. */
export const onByDefault = userRules.filter(({ enforcementLevel }) => enforcementLevel !== "disabled");

/** A user's evidence, read at {@link NOW}. */
export function evidenceOf(username: string, tokens: readonly UserToken[] = []): ReturnType<typeof userTokens> {
  return userTokens(username, tokens, { fetchedAt: at(0) });
}

let folder: string | undefined;

/** Not a hook of one file's tests: one process may run the files of many, with this module loaded once. */
export function makeFolder(prefix: string): string {
  const made = mkdtempSync(path.join(tmpdir(), prefix));
  process.once("exit", () => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Writes a file that is gone after the tests, and gives its absolute path. */
export function temporaryFile(name: string, content: string): string {
  folder ??= makeFolder("motherduck-tokens-");
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** A token as the API sends it, with what it must have. */
export function wireToken(id: string, fields: Partial<WireToken> = {}): WireToken {
  return { id, created_ts: createdFor(id), read_only: false, token_type: "read_write", ...fields };
}

/** An answer of text that calls itself JSON, whatever it is. */
export function jsonText(body: string, headers: Record<string, string> = {}): Reply {
  return { body, headers: { "content-type": "application/json", ...headers } };
}

/** An answer whose connection ends in the middle of the body. */
export const CUT_OFF = jsonText(`{"tokens":[`, { "content-length": "500", connection: "close" });

/** Complete settings for a server. */
export function settingsFor(
  { url, token }: Pick<StandIn, "url" | "token">,
  overrides: Partial<ClientSettings> = {},
): ClientSettings {
  return { ...DEFAULT_SETTINGS, apiUrl: url, apiToken: token, apiTokenSource: "MOTHERDUCK_ADMIN_TOKEN", ...overrides };
}

/** A stand-in for the tests of a `describe`: there before the first, forgetful after each, gone after the last. */
export function useStandIn(): { readonly standIn: StandIn } {
  let standIn: StandIn;
  before(async () => {
    standIn = await StandIn.start();
    // Tokens that are alive when the tests judge are listed.
    standIn.clock = () => NOW;
  });
  afterEach(() => standIn.reset());
  after(() => standIn.stop());
  return {
    get standIn() {
      return standIn;
    },
  };
}

/** A stand-in that is gone already: its port is closed. */
export async function goneStandIn(): Promise<Pick<StandIn, "url" | "token">> {
  const standIn = await StandIn.start();
  const { url, token } = standIn;
  await standIn.stop();
  return { url, token };
}

/** A copy of an object without some of its keys. */
export function without<T extends object, K extends keyof T>(object: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key as K))) as Omit<T, K>;
}

/** Runs something that has to fail, and gives its error. */
export async function failureOf<E extends Error>(
  run: () => unknown,
  kind: new (...args: never[]) => E = Error as never,
): Promise<E> {
  let result: unknown;
  try {
    result = await run();
  } catch (error) {
    assert.ok(error instanceof kind, `not a ${kind.name}: ${inspect(error)}`);
    return error;
  }
  assert.fail(`it did not fail, but gave ${inspect(result)}`);
}

/** Holds that a secret is nowhere in an error, however it is looked at. */
export function assertHidden(error: Error, secret: string): void {
  const views = [error.message, error.stack, JSON.stringify(error), inspect(error, { depth: null, showHidden: true })];
  for (let cause = error.cause; cause !== undefined; cause = (cause as Error).cause) views.push(inspect(cause));
  for (const view of views) assert.ok(!view?.includes(secret), `the secret shows in: ${view}`);
}

/** The packages that a program loads in a process of its own, which has to end by itself. */
export async function packagesLoadedBy(program: string, env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  const code = `
    const before = new Set(Object.keys(require.cache));
    process.on("exit", () => {
      console.log(JSON.stringify(Object.keys(require.cache).filter((file) => !before.has(file))));
    });
    ${program}`;
  const args = ["-r", "ts-node/register/transpile-only", "-e", code];
  const { stdout } = await execa(process.execPath, args, { cwd: ROOT, env, extendEnv: false, timeout: 50_000 });
  const files = JSON.parse(stdout.split("\n").at(-1) ?? "") as string[];
  const packages = files.map((file) => /.*node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)/.exec(file)?.[1]);
  return [...new Set(packages.filter((name) => name !== undefined))].sort();
}
