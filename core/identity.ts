import type { Origin } from "./provenance";

/**
 * Identifies a user's organization, because usernames are unique only within one. The API does not return the organization's
 * name, so the identity is the API's address plus the name from the settings, if there is one. Only this function decides
 * whether two users are the same.
 */
export function originKey(origin: Origin | undefined): string {
  return JSON.stringify(origin === undefined ? [] : [origin.apiUrl, origin.organization ?? null]);
}

/** Whether evidence belongs to an organization; `undefined` stands for evidence that names none. */
export function isOfOrganization(origin: Origin | undefined, organization: string | undefined): boolean {
  return origin?.organization === organization;
}

/** MotherDuck's own API. */
export const MOTHERDUCK_API = "https://api.motherduck.com";

/** The organization as shown to people: its name, or else the API's address unless it is MotherDuck's. */
export function nameOrigin(origin: Origin | undefined): string | undefined {
  return origin?.organization ?? (origin?.apiUrl === MOTHERDUCK_API ? undefined : origin?.apiUrl);
}
