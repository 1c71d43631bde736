import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { ApiSchema } from "./api";
import { GroupMembersSchema } from "./groups";
import { GuardObjectSchema } from "./guard";
import { NotifySchema } from "./notify";
import { PRESETS } from "./presets";
import { ENFORCEMENT_LEVELS, type Rule } from "../rule";
import { OwnersSchema } from "../owners";
import { rules, userRules } from "../rules";
import { SYSTEM_TOKENS } from "../system-tokens";
import { WaiverSchema } from "../waivers";

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
          "What all other settings build on. recommended: the rules' own defaults; strict: all mandatory; audit: all advisory, and nothing is read twice.",
      },
      organization: {
        type: "string",
        minLength: 1,
        description:
          "The organization that waivers and lists of users are about, as motherduck-tokens:organization names it. Default: that of evidence which names none.",
      },
      systemTokens: {
        enum: SYSTEM_TOKENS,
        description:
          "How violations due to MotherDuck's own tokens, known by their names, are treated: judged like all others, or advisory. Default: judged.",
      },
      adminRoles: {
        type: "array",
        minItems: 1,
        items: { type: "string", minLength: 1 },
        description:
          "The roles that make a user an administrator, for admin-tokens-limited and for the severity of what is found about administrators; case is ignored. Default: admin.",
      },
      rules: rulesSchema(rules, "By rule: a level, or an object with a level and the rule's settings."),
      groups: {
        type: "array",
        description:
          "Groups of users with levels and settings of their own. Of a user's groups, the last one wins, setting by setting.",
        items: groupSchema(),
      },
      owners: {
        ...plainSchema(OwnersSchema),
        description: "Who owns users and tokens: teams, people, channels. With this key, reports name owners.",
      },
      guard: {
        description: "Users whom the pack reads and judges on its own, whatever the program declares. Default: nobody.",
        anyOf: [
          { const: "everybody" },
          { type: "array", minItems: 1, items: { type: "string", minLength: 1 } },
          plainSchema(GuardObjectSchema),
        ],
      },
      api: {
        ...plainSchema(ApiSchema),
        description:
          "How the pack does its own reads, for the guard and for evidence-verified. No API token: name its variable.",
      },
      history: {
        type: "string",
        minLength: 1,
        description:
          "The ledger in which motherduck-tokens audit records each audit: a DuckDB file, relative to this one, or md:<database> in MotherDuck. The pack does not use it.",
      },
      notify: {
        ...plainSchema(NotifySchema),
        description:
          "Who is told where and when about tokens that expire and new findings, by motherduck-tokens notify. The pack does not use it.",
      },
      waivers: {
        type: "array",
        description: "Exceptions, each with an owner, a reason and an end.",
        items: plainSchema(WaiverSchema),
      },
    },
  };
}

/** A part of the schema, without the key that names the draft. */
function plainSchema(schema: v.GenericSchema) {
  return { ...toJsonSchema(schema, { typeMode: "input", errorMode: "ignore" }), $schema: undefined };
}

function groupSchema(): object {
  const members = plainSchema(GroupMembersSchema);
  const description =
    "By rule: a level, or an object with a level and settings, for these users. Rules about the whole stack are not allowed here.";
  return {
    ...members,
    required: ["name", "rules"],
    anyOf: [{ required: ["users"] }, { required: ["accounts"] }],
    properties: {
      ...members.properties,
      rules: rulesSchema(userRules, description, (rule) => (rule.kind === "user" && rule.settingsForAll) || []),
    },
  };
}

function rulesSchema(
  all: readonly Rule[],
  description: string,
  leftOut: (rule: Rule) => readonly string[] = () => [],
): object {
  return {
    ...{ type: "object", description, additionalProperties: false },
    properties: Object.fromEntries(all.map((rule) => [rule.name, ruleSchema(rule, leftOut(rule))])),
  };
}

function ruleSchema(rule: Rule, leftOut: readonly string[]): object {
  const { properties = {} } = plainSchema(rule.settings);
  const settings = Object.fromEntries(Object.entries(properties).filter(([name]) => !leftOut.includes(name)));
  const level = {
    enum: ENFORCEMENT_LEVELS,
    description: `mandatory fails the deployment, advisory warns. Default: ${rule.enforcementLevel}.`,
  };
  return {
    description: rule.description,
    oneOf: [
      level,
      { type: "object", additionalProperties: false, properties: { enforcementLevel: level, ...settings } },
    ],
  };
}
