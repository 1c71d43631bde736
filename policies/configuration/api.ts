import * as v from "valibot";
import { DEFAULT_SETTINGS, LIMITS, TOKEN_VARIABLES } from "../../client/settings";

/** A setting of the client, with its limits and its default. */
function number(key: keyof typeof LIMITS, description: string) {
  const { min, max, whole } = LIMITS[key];
  const kind = whole ? v.pipe(v.number(), v.integer()) : v.number();
  return v.optional(
    v.pipe(kind, v.minValue(min), v.maxValue(max), v.description(`${description} Default: ${DEFAULT_SETTINGS[key]}.`)),
  );
}

/** How the pack does its own reads. */
export const ApiSchema = v.strictObject({
  tokenVariable: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of an environment variable"),
      v.description(
        `The environment variable with the API token of the pack's own reads. Default: ${TOKEN_VARIABLES.join(", ")}.`,
      ),
    ),
  ),
  attemptTimeoutSeconds: number("attemptTimeoutSeconds", "Seconds for one attempt."),
  readTimeoutSeconds: number("readTimeoutSeconds", "Seconds for one user's whole read, with all attempts and pages."),
  maxAttempts: number("maxAttempts", "Attempts for each request, the first included."),
  concurrency: number("concurrency", "Users that are read at the same time, at most."),
});

/** The settings of the pack's own reads. */
export type ApiSettings = v.InferOutput<typeof ApiSchema>;

/** Keys under which somebody might write the API token itself, and what to tell them. */
export function refuseSecret(api: object): string | undefined {
  const key = Object.keys(api).find((name) => /^(api)?[-_]?(token|key|secret|password|credential)s?$/i.test(name));
  if (key === undefined) return undefined;
  return `${key} is not a setting: a settings file is not the place for an API token. Put it into an environment variable, and name that in tokenVariable`;
}
