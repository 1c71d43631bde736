import type { ResourceValidationPolicy } from "@pulumi/policy";
import { createPolicyPack, readEvidence } from "pulumi-motherduck-tokens/policies";

/** A custom rule on the same evidence: service accounts name their tokens after the service. */
const tokensCarryTheServiceName: ResourceValidationPolicy = {
  name: "tokens-carry-the-service-name",
  description: "A service account's tokens start with the service's name.",
  enforcementLevel: "advisory",
  validateResource(args, reportViolation) {
    const evidence = readEvidence(args.type, args.props);
    if (evidence.kind !== "users") return; // the ready-made rules report what cannot be read
    for (const { username, tokens } of evidence.users.filter((user) => user.username.startsWith("svc_"))) {
      const service = username.slice("svc_".length);
      for (const { id, name = "" } of tokens) {
        if (!name.startsWith(service)) reportViolation(`${username}: token ${id} is named otherwise`);
      }
    }
  },
};

createPolicyPack("acme-tokens", {
  rules: {
    "max-read-write-tokens": { max: 1 },
    "tokens-must-expire": { enforcementLevel: "advisory" },
  },
  policies: [tokensCarryTheServiceName],
});
