import { createPolicyPack } from "pulumi-motherduck-tokens/policies";
import { rules } from "./rules";

createPolicyPack("acme-tokens", {
  customRules: rules,
  rules: {
    "max-read-write-tokens": { max: 1 },
    "tokens-must-expire": { enforcementLevel: "advisory" },
    "tokens-carry-the-service-name": { prefix: "svc_" },
  },
});
