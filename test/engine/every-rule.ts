import path from "node:path";
import { stringify } from "yaml";
import type { Rule } from "../../policies/rule";
import { rules } from "../../policies/rules";
import type { Sandbox } from "../../tools/sandbox";
import { wireToken, type WireToken } from "../../tools/stand-in/organization";
import { daysFromNow, exampleOf, type Users } from "./rule-example";
import type { Lab } from "./support";

const EXAMPLES = rules.map(({ name }) => ({ name, example: exampleOf(name) }));

const declared: Users = Object.fromEntries(EXAMPLES.flatMap(({ example }) => Object.entries(example.users ?? {})));

/** Users who break the rules, whom the program declares. */
export const OFFENDERS = Object.keys(declared);

const PROGRAM = `
  const users = ${JSON.stringify([...OFFENDERS, "ada"])};
  for (const username of users) new md.UserTokens(username, { username });
  // Evidence of other kinds, made by hand: judged like any other.
  class Raw extends pulumi.dynamic.Resource {
    constructor(name, type, props) {
      super({ create: async (inputs) => ({ id: name, outs: inputs }) }, name, props, {}, "motherduck", type);
    }
  }
  const token = { id: "c4b0b1a5-0000-4000-8000-000000000001", name: "backup", createdTs: "${daysFromNow(-10)}",
    expireAt: "${daysFromNow(60)}", readOnly: false, tokenType: "read_write" };
  const read = (fetchedAt) => ({ apiUrl: process.env.MOTHERDUCK_API_URL, fetchedAt });
  ${EXAMPLES.map(({ example }) => example.program ?? "").join("\n")}
`;

/** The settings under which they break them. */
export const SETTINGS = {
  rules: Object.fromEntries(EXAMPLES.flatMap(({ example }) => Object.entries(example.rules ?? {}))),
  waivers: EXAMPLES.flatMap(({ example }) => example.waivers ?? []),
  groups: EXAMPLES.flatMap(({ example }) => example.groups ?? []),
};

/** Whether a rule judges somebody under these settings. */
export function judges({ name, enforcementLevel }: Rule): boolean {
  return enforcementLevel !== "disabled" || SETTINGS.groups.some(({ rules: config }) => name in config);
}

/** Which resources each rule fires on: all others in the program are seen not to fire. The rule's page shows the first. */
export const FIRES_ON: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  EXAMPLES.map(({ name, example }) => {
    const others = EXAMPLES.flatMap(({ example: { alsoBreaks = {} } }) => Object.entries(alsoBreaks));
    const more = others.filter(([, broken]) => broken.some((rule) => rule === name)).map(([resource]) => resource);
    return [name, [...example.firesOn, ...more]];
  }),
);

/** A stack whose program breaks every rule, and the settings file that its pack needs. */
export async function breakEveryRule(lab: Lab): Promise<{ stack: Sandbox; configFile: string }> {
  offend(lab);
  for (const { example } of EXAMPLES) addUsers(lab, example.undeclared);
  const stack = await lab.program(PROGRAM, { files: { "motherduck-tokens.yaml": stringify(SETTINGS) } });
  return { stack, configFile: path.join(stack.project, "motherduck-tokens.yaml") };
}

/** Lets the stand-in have the offenders. */
export function offend(lab: Lab): void {
  lab.api.listsExpiredTokens = true;
  addUsers(lab, declared);
}

function addUsers(lab: Lab, users: Users = {}): void {
  for (const [user, tokens] of Object.entries(users)) {
    lab.api.users[user] = tokens.map((fields, index) => {
      const token = {
        ...wireToken(user, { name: fields.name ?? "", type: "read_write", created: -10, expires: 60 }),
        // No two at one instant: a rule that compares them shall not find them all.
        created_ts: daysFromNow(-10 + index / 24),
        ...fields,
      };
      // A field that is `undefined` is none.
      return JSON.parse(JSON.stringify(token)) as WireToken;
    });
  }
}
