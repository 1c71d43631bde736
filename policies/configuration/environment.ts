import { normalizeApiUrl, URL_VARIABLE } from "../../core/api-url";
import { PolicyConfigError } from "./config-error";
import type { ConfigSource } from "./configuration";

/**
 * What the environment of the process that judges says about the rules: which API evidence may come from. It is weaker than
 * every other source.
 *
 * @throws PolicyConfigError for an address that cannot be used. The message does not show it: it may hold a password.
 */
export function environmentSource(env: NodeJS.ProcessEnv): ConfigSource[] {
  const url = env[URL_VARIABLE];
  if (!url) return [];
  if (normalizeApiUrl(url) === undefined) {
    throw new PolicyConfigError(`${URL_VARIABLE} is not an http or https URL without a user, a query and a fragment.`);
  }
  return [{ name: URL_VARIABLE, config: { rules: { "evidence-origin": { apiUrls: [url] } } } }];
}
