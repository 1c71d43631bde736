import { CONFIG_NAMESPACE, type ConfigLookup } from "../client/settings";
import { type Properties, UNKNOWN_VALUE } from "../resources/evidence-resource";
import { isSecret, plain, secret } from "./protocol";

/**
 * The configuration as it goes into state, and from there to {@link readConfig}.
 *
 * The API token goes there as a secret in an object. The engine does not tell whether it was one before: it takes the
 * wrapping off, and puts it on again by name, in this case around the object. So the token is never plain text in state,
 * and `readConfig` can tell whether it was given as plain text.
 */
export function checkConfig(config: Properties): Properties {
  const { apiToken, ...others } = config;
  if (apiToken === undefined || apiToken === UNKNOWN_VALUE || isWrapped(plain(apiToken))) return config;
  const wrapped = { [WRAPPED]: secret(plain(apiToken)) };
  return { ...others, apiToken: isSecret(apiToken) ? secret(wrapped) : wrapped };
}

/** @returns the lookup that the client uses. @throws Error if the API token was given as plain text. */
export function readConfig(config: Properties): ConfigLookup {
  const { apiToken } = config;
  if (apiToken !== undefined && !isSecret(apiToken)) throw new Error(PLAINTEXT);
  const wrapped = plain(apiToken);
  const values: Properties = { ...config, apiToken: isWrapped(wrapped) ? wrapped[WRAPPED] : wrapped };
  return (key) => {
    const value = plain(values[key]);
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
}

/**
 * The users whose reads start with the first one: the engine asks for one resource after the other, and does not tell which
 * ones will follow.
 *
 * @throws Error for anything but a list of usernames and globs.
 */
export function usersAheadIn({ readAhead }: Properties): readonly string[] {
  const value = plain(readAhead);
  if (value === undefined || value === UNKNOWN_VALUE) return [];
  // The engine hands over everything but text as JSON.
  const names: unknown = typeof value === "string" ? parseJson(value) : value;
  if (Array.isArray(names) && names.every((name) => typeof name === "string" && name !== "")) return names as string[];
  throw new Error(`${CONFIG_NAMESPACE}:readAhead is not a list of usernames or globs. Use one such as ["*"].`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const WRAPPED = "secret";

function isWrapped(value: unknown): value is Record<typeof WRAPPED, unknown> {
  return typeof value === "object" && value !== null && WRAPPED in value;
}

const API_TOKEN_KEY = `${CONFIG_NAMESPACE}:apiToken`;
const PLAINTEXT =
  `${API_TOKEN_KEY} is configured as plain text. Revoke that token, then run "pulumi config rm ${API_TOKEN_KEY}" and give the new one ` +
  `in the environment (MOTHERDUCK_ADMIN_TOKEN), with "pulumi config set --secret ${API_TOKEN_KEY}", or, to an explicit provider, ` +
  `as a secret.`;
