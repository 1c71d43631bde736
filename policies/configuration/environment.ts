import { normalizeApiUrl, URL_VARIABLE } from "../../core/api-url";
import { PolicyConfigError } from "./config-error";
import type { ConfigSource } from "./configuration";

/**
 * What the environment of the judging process says about the rules: which API evidence may come from. Every other source
 * overrides it.
 *
 * @throws PolicyConfigError for an address that cannot be used. The message does not show it: it may hold a password.
 */
export function environmentSource(env: NodeJS.ProcessEnv): ConfigSource[] {
  const url = env[URL_VARIABLE];
  if (!url) return [];
  if (normalizeApiUrl(url) === undefined) {
    throw new PolicyConfigError(`${URL_VARIABLE} is not an http or https URL without user, query and fragment.`);
  }
  return [{ name: URL_VARIABLE, config: { rules: { "evidence-origin": { apiUrls: [url] } } } }];
}
