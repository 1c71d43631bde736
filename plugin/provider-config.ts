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

const WRAPPED = "secret";

function isWrapped(value: unknown): value is Record<typeof WRAPPED, unknown> {
  return typeof value === "object" && value !== null && WRAPPED in value;
}

const KEY = `${CONFIG_NAMESPACE}:apiToken`;
const PLAINTEXT =
  `${KEY} is configured as plain text. Revoke that token, then run "pulumi config rm ${KEY}" and give the new one ` +
  `in the environment (MOTHERDUCK_ADMIN_TOKEN), with "pulumi config set --secret ${KEY}", or, to an explicit provider, ` +
  `as a secret.`;
