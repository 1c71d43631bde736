/** Where evidence was read. */
export interface Origin {
  /** The API's base URL, without a trailing slash. */
  readonly apiUrl: string;
  /** The organization's name, as the settings gave it: the API does not tell one. Absent where they do not. */
  readonly organization?: string;
}

/** Where and when evidence was read: what a resource's input {@link PROVENANCE} holds. */
export interface Provenance extends Origin {
  /** ISO 8601, by the clock of the machine that read. */
  readonly fetchedAt: string;
}

/**
 * The one input that tells about the evidence itself. It is new in every run, so it is no output and no change in `diff`.
 * The underscore keeps it out of update plans, from CLI 3.261 on.
 */
export const PROVENANCE = "_provenance";

/**
 * What is readable of a resource's provenance. Older states and events hold `fetchedAt`, an input of its
 * own, and no origin.
 */
export function readProvenance(inputs: Readonly<Record<string, unknown>>): { fetchedAt?: string; origin?: Origin } {
  const { [PROVENANCE]: provenance } = inputs;
  if (provenance === undefined) return readTime(inputs.fetchedAt);
  // While the resource waits for its turn, a program's list of usernames stands here, as a text.
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
