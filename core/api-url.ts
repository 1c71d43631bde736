/** Where MotherDuck's API is. */
export const DEFAULT_API_URL = "https://api.motherduck.com";

/** The environment variable for the base URL. */
export const URL_VARIABLE = "MOTHERDUCK_API_URL";

/**
 * A base URL in the one form in which two of them can be compared: lower-case host, no default port, no trailing slash.
 * `undefined` where the text is not an http or https URL, or carries a user, a query or a fragment.
 */
export function normalizeApiUrl(text: string): string | undefined {
  if (/[\s?#]/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return undefined;
  return baseUrlOf(url);
}

/** A base URL's one form: without a trailing slash. */
export function baseUrlOf({ origin, pathname }: URL): string {
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}
