import { toJsonSchema } from "@valibot/to-json-schema";
import { PRESETS } from "./presets";
import { ENFORCEMENT_LEVELS, type Rule } from "./rule";
import { rules } from "./rules";
import { WaiverSchema } from "./waivers";

/** The JSON schema of a settings file, with which editors complete and check it. It is published in the package. */
export function settingsFileSchema(): object {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Settings of the MotherDuck token rules",
    type: "object",
    additionalProperties: false,
    properties: {
      $schema: { type: "string" },
      preset: {
        enum: PRESETS,
        description:
          "Where everything starts. recommended: the rules' own defaults; strict: all mandatory; audit: all advisory.",
      },
      organization: {
        type: "string",
        minLength: 1,
        description:
          "The organization that waivers and lists of users are about, as motherduck-tokens:organization names it. Default: that of evidence which names none.",
      },
      rules: {
        type: "object",
        description: "By rule: a level, or an object with a level and the rule's settings.",
        additionalProperties: false,
        properties: Object.fromEntries(rules.map((rule) => [rule.name, ruleSchema(rule)])),
      },
      waivers: {
        type: "array",
        description: "Exceptions, each with an owner, a reason and an end.",
        items: { ...toJsonSchema(WaiverSchema, { errorMode: "ignore" }), $schema: undefined },
      },
    },
  };
}

function ruleSchema(rule: Rule): object {
  const { properties = {} } = toJsonSchema(rule.settings, { typeMode: "input", errorMode: "ignore" });
  const level = {
    enum: ENFORCEMENT_LEVELS,
    description: `mandatory fails the deployment, advisory warns. Default: ${rule.enforcementLevel}.`,
  };
  return {
    description: rule.description,
    oneOf: [
      level,
      { type: "object", additionalProperties: false, properties: { enforcementLevel: level, ...properties } },
    ],
  };
}
