import * as v from "valibot";

function seconds(max: number, description: string) {
  return v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(max), v.description(description)));
}

function count(max: number, description: string) {
  return v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max), v.description(description)));
}

/** How the pack reads by itself. The limits are those of the client; a test compares them. */
export const ApiSchema = v.strictObject({
  tokenVariable: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of an environment variable"),
      v.description(
        "The environment variable with the API token of the pack's own reads. Default: MOTHERDUCK_ADMIN_TOKEN, MOTHERDUCK_API_TOKEN, MOTHERDUCK_TOKEN.",
      ),
    ),
  ),
  attemptTimeoutSeconds: seconds(600, "Seconds for one attempt. Default: 30."),
  readTimeoutSeconds: seconds(3600, "Seconds for one user's whole read, with all attempts and pages. Default: 120."),
  maxAttempts: count(10, "Attempts for each request, the first included. Default: 4."),
  concurrency: count(256, "Users that are read at the same time, at most. Default: 32."),
});

/** The settings of the pack's own reads. */
export type ApiSettings = v.InferOutput<typeof ApiSchema>;

/** Keys under which somebody might write the API token itself, and what to tell them. */
export function refuseSecret(api: object): string | undefined {
  const key = Object.keys(api).find((name) => /^(api)?[-_]?(token|key|secret|password|credential)s?$/i.test(name));
  if (key === undefined) return undefined;
  return `${key} is not a setting: a settings file is not the place for an API token. Put it into an environment variable, and name that in tokenVariable`;
}
