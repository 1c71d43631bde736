/** The base URL of MotherDuck's API. */
export const DEFAULT_API_URL = "https://api.motherduck.com";

/** The environment variable for the base URL. */
export const URL_VARIABLE = "MOTHERDUCK_API_URL";

/**
 * Normalizes a base URL, so that two of them can be compared: lower-case host, no default port, no trailing slash.
 * Returns `undefined` if the text is not an http or https URL, or contains a user, a query or a fragment.
 */
export function normalizeApiUrl(text: string): string | undefined {
  if (/[\s?#]/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return undefined;
  return baseUrlOf(url);
}

/** Formats a base URL without a trailing slash. */
export function baseUrlOf({ origin, pathname }: URL): string {
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}

/** Whether a URL's host is this machine: what is sent there travels over no network. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(hostname);
}
