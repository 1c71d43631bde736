import type { Origin } from "./provenance";

/**
 * Whose user somebody is: usernames are unique within an organization only. The API tells no organization's name, so it is
 * the API's address, and the name that the settings gave where they did. This is the one place that says what makes two
 * users the same.
 */
export function originKey(origin: Origin | undefined): string {
  return JSON.stringify(origin === undefined ? [] : [origin.apiUrl, origin.organization ?? null]);
}

/** Whether evidence is of an organization; `undefined` is the one that evidence names none of. */
export function isOfOrganization(origin: Origin | undefined, organization: string | undefined): boolean {
  return origin?.organization === organization;
}

/** MotherDuck's own API. */
export const MOTHERDUCK_API = "https://api.motherduck.com";

/** How people tell the organization: by its name, else by the API's address where it is not MotherDuck's; else `undefined`. */
export function nameOrigin(origin: Origin | undefined): string | undefined {
  return origin?.organization ?? (origin?.apiUrl === MOTHERDUCK_API ? undefined : origin?.apiUrl);
}
