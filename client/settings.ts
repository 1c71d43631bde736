import { baseUrlOf, DEFAULT_API_URL, isLoopback, URL_VARIABLE } from "../core/api-url";
import { isUnknownValue } from "../core/engine-marks";
import { PERSONAL_DATA, type PersonalData } from "../core/personal-data";
import { printable, quoted } from "../core/printable";
import { SettingsError } from "./errors";

/** The configuration namespace: keys are read as `motherduck-tokens:apiUrl` and so on. */
export const CONFIG_NAMESPACE = "motherduck-tokens";

/** Everything a read needs, complete and checked. */
export interface ClientSettings {
  /** Base URL without a trailing slash; https, or http on loopback. */
  readonly apiUrl: string;
  /**
   * The organization's name, which goes into evidence, so that users of the same name in two organizations are told apart:
   * the API does not return it.
   */
  readonly organization?: string;
  /**
   * What is done with e-mail addresses of users and descriptions of tokens, which may be personal: `keep`, or `omit`, which
   * leaves them out of state, reports and all else.
   */
  readonly personalData: PersonalData;
  /** The bearer token. Never print this object. */
  readonly apiToken: string;
  /** Where the token was found, to name it in errors: a variable's or a key's name. */
  readonly apiTokenSource: string;
  /** Seconds for one attempt, from connecting to the last byte. One that used them up is the last. */
  readonly attemptTimeoutSeconds: number;
  /** Seconds for a whole read: all attempts, waits and pages. */
  readonly readTimeoutSeconds: number;
  /** Attempts for each request, the first included. */
  readonly maxAttempts: number;
  /** Users whose tokens are read at the same time, at most; each takes one connection. */
  readonly concurrency: number;
  /** What errors put before a setting's key, so that it can be found. Default: `motherduck-tokens:`. */
  readonly keyPrefix?: string;
}

/** The defaults of everything that has one. */
export const DEFAULT_SETTINGS = {
  apiUrl: DEFAULT_API_URL,
  personalData: "keep",
  attemptTimeoutSeconds: 30,
  readTimeoutSeconds: 120,
  maxAttempts: 4,
  concurrency: 32,
} as const;

/** Environment variables that may hold the API token, in the order in which they are looked at. */
export const TOKEN_VARIABLES = ["MOTHERDUCK_ADMIN_TOKEN", "MOTHERDUCK_API_TOKEN", "MOTHERDUCK_TOKEN"] as const;

/** The environment variable for the organization's name. */
export const ORGANIZATION_VARIABLE = "MOTHERDUCK_ORGANIZATION";

/** The environment variable for {@link ClientSettings.personalData}. */
export const PERSONAL_DATA_VARIABLE = "MOTHERDUCK_PERSONAL_DATA";

/** Looks a configuration value up by its short key (`apiUrl`). */
export type ConfigLookup = (key: string) => string | undefined;

/** Where settings may come from, and what errors call them. */
export interface SettingsOrigin {
  /** Before the key of a setting. */
  readonly keyPrefix: string;
  /** The environment variables that may hold the API token, in the order in which they are looked at. */
  readonly tokenVariables: readonly string[];
  /** Whether the configuration may hold the API token, too. */
  readonly tokenInConfig: boolean;
}

/** What errors put before a setting's key where the stack's configuration holds it. */
export const KEY_PREFIX = `${CONFIG_NAMESPACE}:`;

const STACK_CONFIGURATION: SettingsOrigin = {
  keyPrefix: KEY_PREFIX,
  tokenVariables: TOKEN_VARIABLES,
  tokenInConfig: true,
};

/**
 * Puts the settings together: explicit configuration, then the environment, then the defaults.
 *
 * @param origin default: the stack's configuration.
 * @throws SettingsError that names the key or the variables, and never shows a token.
 */
export function resolveSettings(
  config: ConfigLookup,
  env: NodeJS.ProcessEnv,
  origin: SettingsOrigin = STACK_CONFIGURATION,
): ClientSettings {
  const { keyPrefix } = origin;
  const number = (key: keyof typeof LIMITS) => readNumber(key, config(key), keyPrefix);
  return {
    ...(origin !== STACK_CONFIGURATION && { keyPrefix }),
    ...readToken(config, env, origin),
    apiUrl: readUrl(config, env, keyPrefix),
    ...readOrganizationName(config, env, keyPrefix),
    personalData: readPersonalData(config, env, keyPrefix),
    attemptTimeoutSeconds: number("attemptTimeoutSeconds"),
    readTimeoutSeconds: number("readTimeoutSeconds"),
    maxAttempts: number("maxAttempts"),
    concurrency: number("concurrency"),
  };
}

function readToken(config: ConfigLookup, env: NodeJS.ProcessEnv, origin: SettingsOrigin) {
  const { keyPrefix, tokenVariables, tokenInConfig } = origin;
  const candidates = [
    ...(tokenInConfig ? [{ source: `${keyPrefix}apiToken`, value: config("apiToken") }] : []),
    ...tokenVariables.map((name) => ({ source: name, value: env[name] })),
  ];
  const found = candidates.find(({ value }) => value !== undefined && value.trim() !== "");
  if (found?.value === undefined) {
    const empty = candidates.filter(({ value }) => value !== undefined).map(({ source }) => source);
    throw new SettingsError(
      `no MotherDuck API token: looked at ${candidates.map(({ source }) => source).join(", ")}` +
        `${empty.length > 0 ? ` (${empty.join(", ")} set, but empty)` : ""}. ` +
        `Set ${tokenVariables[0] ?? TOKEN_VARIABLES[0]} to a read_write token of a user with the Admin role.`,
    );
  }
  const apiToken = found.value.trim();
  // The characters of a bearer token (RFC 6750); anything else would be refused by the HTTP library, or worse.
  if (!/^[\w\-.~+/]+=*$/.test(apiToken)) {
    throw new SettingsError(
      `${found.source} holds characters that no API token has (a line break or a quote, perhaps). ` +
        `Set it to the token alone.`,
    );
  }
  return { apiToken, apiTokenSource: found.source };
}

function readUrl(config: ConfigLookup, env: NodeJS.ProcessEnv, keyPrefix: string): string {
  const configured = config("apiUrl");
  const text = configured ?? (env[URL_VARIABLE] || DEFAULT_SETTINGS.apiUrl);
  const source = configured === undefined ? URL_VARIABLE : `${keyPrefix}apiUrl`;
  const refused = (why: string) =>
    new SettingsError(`${source} ${why}. Use an absolute https URL such as ${DEFAULT_SETTINGS.apiUrl}.`);
  // The URL itself is shown only after it was seen to hold no credential.
  if (/\s/.test(text)) throw refused("holds white space");
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw refused("is not an absolute URL");
  if (url.username !== "" || url.password !== "") throw refused("holds user information");
  if (/[?#]/.test(text)) throw refused("holds a query or a fragment");
  // Not shown: `ada:password@host` is a URL, too, whose scheme is "ada".
  if (!/^https?:$/.test(url.protocol)) throw refused("is not an http or https URL");
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw refused(`is ${quoted(text)}: http is for loopback only, the token would travel in clear`);
  }
  return baseUrlOf(url);
}

function readOrganizationName(
  config: ConfigLookup,
  env: NodeJS.ProcessEnv,
  keyPrefix: string,
): { organization?: string } {
  const configured = config("organization");
  const name = configured ?? (env[ORGANIZATION_VARIABLE] || undefined);
  if (name === undefined) return {};
  if (!isOrganizationName(name)) {
    const source = configured === undefined ? ORGANIZATION_VARIABLE : `${keyPrefix}organization`;
    throw new SettingsError(
      `${source} is ${quoted(name, 50)}. Use the organization's name: 1 to 255 printable characters, no space around it.`,
    );
  }
  return { organization: name };
}

function readPersonalData(config: ConfigLookup, env: NodeJS.ProcessEnv, keyPrefix: string): PersonalData {
  const configured = config("personalData");
  const text = configured ?? (env[PERSONAL_DATA_VARIABLE] || DEFAULT_SETTINGS.personalData);
  const known = PERSONAL_DATA.find((name) => name === text);
  if (known !== undefined) return known;
  const source = configured === undefined ? PERSONAL_DATA_VARIABLE : `${keyPrefix}personalData`;
  throw new SettingsError(
    `${source} is ${quoted(text, 50)}. Use one of ${PERSONAL_DATA.map((name) => quoted(name)).join(", ")}.`,
  );
}

/** The organization that the environment names; `undefined` where it names none, or something else than a name. */
export function organizationNamedBy(env: NodeJS.ProcessEnv): string | undefined {
  const name = env[ORGANIZATION_VARIABLE];
  return name !== undefined && isOrganizationName(name) ? name : undefined;
}

/**
 * It is compared and printed as it is, so there must be one way to write it. The engine must not take it for a value that is not
 * known yet.
 */
function isOrganizationName(name: string): boolean {
  const isOneWord = name.trim() === name && name !== "" && name.length <= 255;
  return isOneWord && printable(name) === name && !isUnknownValue(name);
}

/** Smallest and largest value of each numeric setting, and whether it must be whole. */
export const LIMITS = {
  attemptTimeoutSeconds: { min: 0.1, max: 600, whole: false },
  readTimeoutSeconds: { min: 0.1, max: 3600, whole: false },
  maxAttempts: { min: 1, max: 10, whole: true },
  concurrency: { min: 1, max: 256, whole: true },
} as const;

function readNumber(key: keyof typeof LIMITS, text: string | undefined, keyPrefix: string): number {
  if (text === undefined) return DEFAULT_SETTINGS[key];
  const { min, max, whole } = LIMITS[key];
  const value = text.trim() === "" ? NaN : Number(text);
  if (!(value >= min && value <= max) || (whole && !Number.isInteger(value))) {
    throw new SettingsError(
      `${keyPrefix}${key} is ${quoted(text, 50)}. ` + `Use a ${whole ? "whole " : ""}number from ${min} to ${max}.`,
    );
  }
  return value;
}
