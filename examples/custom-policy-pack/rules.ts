import { defineUserRule } from "pulumi-motherduck-tokens/policies";
import * as v from "valibot";

/** Service accounts name their tokens after the service. */
export const tokensCarryTheServiceName = defineUserRule({
  name: "tokens-carry-the-service-name",
  displayName: "Tokens are named after their service",
  description: "The tokens of a service account begin with the name of its service.",
  rationale: "Whoever finds a token in a log or a list sees whose it is.",
  remediation: "Create a replacement with the name of the service in front, and revoke this one.",
  severity: "low",
  enforcementLevel: "advisory",
  controls: [],
  settings: v.strictObject({
    prefix: v.optional(v.pipe(v.string(), v.description("How service accounts begin. Default: svc_.")), "svc_"),
  }),
  check({ username, tokens }, { prefix }) {
    if (!username.startsWith(prefix)) return [];
    const service = username.slice(prefix.length);
    return tokens
      .filter(({ name }) => !name?.startsWith(service))
      .map(({ id }) => ({
        tokenId: id,
        fact: `its name does not begin with ${JSON.stringify(service)}`,
        fix: "Create a replacement whose name does, and revoke this one.",
      }));
  },
});

/** For the pack, and for `motherduck-tokens audit --rules`. */
export const rules = [tokensCarryTheServiceName];
