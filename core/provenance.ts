/** Where evidence was read. */
export interface Origin {
  /** The API's base URL, without a trailing slash. */
  readonly apiUrl: string;
  /** The organization's name from the settings, because the API does not return it. Absent if they have none. */
  readonly organization?: string;
}

/** Where and when evidence was read: what a resource's input {@link PROVENANCE} holds. */
export interface Provenance extends Origin {
  /** ISO 8601, by the clock of the machine that read it. */
  readonly fetchedAt: string;
}

/**
 * The input that describes the evidence itself. It changes in every run, so it is not an output, and `diff` ignores it.
 * The underscore keeps it out of update plans, since CLI 3.261.
 */
export const PROVENANCE = "_provenance";

/**
 * Reads as much of a resource's provenance as is valid. Older states and events have a separate input `fetchedAt`, and no
 * origin.
 */
export function readProvenance(inputs: Readonly<Record<string, unknown>>): { fetchedAt?: string; origin?: Origin } {
  const { [PROVENANCE]: provenance } = inputs;
  if (provenance === undefined) return readTime(inputs.fetchedAt);
  // Until the resource is checked, this holds the program's list of usernames, as a string.
  if (typeof provenance !== "object" || provenance === null) return {};
  const { apiUrl, organization, fetchedAt } = provenance as Record<string, unknown>;
  return {
    ...readTime(fetchedAt),
    ...(typeof apiUrl === "string" && {
      origin: { apiUrl, ...(typeof organization === "string" && { organization }) },
    }),
  };
}

function readTime(fetchedAt: unknown): { fetchedAt?: string } {
  return typeof fetchedAt === "string" ? { fetchedAt } : {};
}
