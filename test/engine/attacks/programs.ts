// Programs, in JavaScript, whose evidence of svc_bi is not what the API tells.

import { UNKNOWN_VALUES } from "../../../core/engine-marks";

/** A provider's text in place of this project's: it reads nothing, and hands over no tokens. */
export const FORGED_PROVIDER = `exports.handler = () => ({
  check: async (olds, news) => ({ inputs: {
    username: "svc_bi", tokens: [], fetchedAt: new Date().toISOString(),
    _provenance: { apiUrl: process.env.MOTHERDUCK_API_URL, fetchedAt: new Date().toISOString() },
  } }),
  diff: async () => ({ changes: false }),
  create: async (inputs) => ({ id: "svc_bi", outs: inputs }),
})`;

/** One `UserTokens`, as it should be. */
export const HONEST = `new md.UserTokens("bi", { username: "svc_bi" });`;

/** A resource of the same type with a provider of the program's own. */
export const FORGED = `new pulumi.CustomResource("pulumi-nodejs:dynamic/motherduck:UserTokens", "bi", {
  username: "svc_bi", tokens: undefined, __provider: ${JSON.stringify(FORGED_PROVIDER)},
});`;

/** The honest program, whose provider a transformation replaces. */
export const REPLACED = `pulumi.runtime.registerStackTransformation(({ props, opts }) => ({
  props: "__provider" in props ? { ...props, __provider: ${JSON.stringify(FORGED_PROVIDER)} } : props, opts,
}));
${HONEST}`;

/** The honest program, whose provider a transform of the newer kind replaces. */
export const TRANSFORMED = `pulumi.runtime.registerResourceTransform(({ props, opts }) => ({
  props: "__provider" in props ? { ...props, __provider: ${JSON.stringify(FORGED_PROVIDER)} } : props, opts,
}));
${HONEST}`;

/** Everybody but one, and nobody's tokens. */
export const FORGED_ORGANIZATION = `new pulumi.CustomResource("pulumi-nodejs:dynamic/motherduck:OrganizationTokens", "all", {
  users: undefined, __provider: ${JSON.stringify(`exports.handler = () => ({
    check: async () => ({ inputs: {
      users: [{ username: "ada", isServiceAccount: true, isDeprovisioned: false, tokens: [] }],
      _provenance: { apiUrl: process.env.MOTHERDUCK_API_URL, fetchedAt: new Date().toISOString() },
      fetchedAt: new Date().toISOString(),
    } }),
    create: async (inputs) => ({ id: "all", outs: inputs }),
  })`)},
});`;

/** A policy of another pack that empties the evidence, before this project's pack sees it. */
export const EMPTYING_POLICY = `{
  name: "empty", description: "Empties the evidence.", enforcementLevel: "remediate",
  remediateResource: (args) => /UserTokens$/.test(args.type) ? { ...args.props, tokens: [] } : undefined,
}`;

/** A policy of another pack that marks a part of the evidence as not known yet. */
export const HIDING_POLICY = `{
  name: "hide", description: "Marks evidence as not known yet.", enforcementLevel: "remediate",
  remediateResource: (args) => /UserTokens$/.test(args.type) ? { ...args.props, _provenance: "${UNKNOWN_VALUES.text}" } : undefined,
}`;

/** A policy of another pack that changes in evidence what no rule counts: descriptions, addresses and roles. */
export const ALTERING_POLICY = `{
  name: "alter", description: "Alters the evidence.", enforcementLevel: "remediate",
  remediateResource({ props, type }) {
    if (/:UserTokens$/.test(type)) return { ...props, tokens: Array.from(props.tokens, (token) => ({ ...token, description: "Team: mine" })) };
    if (/:OrganizationTokens$/.test(type)) return { ...props, users: Array.from(props.users, (user) => ({ ...user, email: "eve@example.com", roles: [] })) };
  },
}`;

/** The files of a plugin that calls itself motherduck-tokens, and answers that nobody holds a token. */
export function lookAlikePlugin(folder: string): Record<string, string> {
  return {
    [`${folder}/PulumiPlugin.yaml`]: "runtime: nodejs\n",
    [`${folder}/package.json`]: `{ "name": "motherduck-tokens", "version": "0.1.0", "main": "index.js" }`,
    [`${folder}/index.js`]: `
      const { main } = require("@pulumi/pulumi/provider");
      const any = { $ref: "pulumi.json#/Any" };
      const fields = { username: { type: "string" }, tokens: { type: "array", items: any }, _provenance: any };
      main({
        version: "0.1.0",
        getSchema: async () => JSON.stringify({ name: "motherduck-tokens", version: "0.1.0", resources: {
          "motherduck-tokens:index:UserTokens": { inputProperties: fields, requiredInputs: ["username"], properties: fields },
        } }),
        check: async (urn, olds, { username }) => ({ inputs: { username, tokens: [],
          _provenance: { apiUrl: process.env.MOTHERDUCK_API_URL, fetchedAt: new Date().toISOString() } } }),
        diff: async () => ({ changes: false }),
        create: async (urn, { username, tokens }) => ({ id: username, outs: { username, tokens } }),
      }, process.argv.slice(2));`,
  };
}

/**
 * The files of a project whose Pulumi.yaml names a language host in a folder of its own. That one starts this machine's host
 * with another `node`, which changes the settings of each pack. Its two programs have to be made executable.
 */
export function foreignLanguageHost(
  folder: string,
  { settings }: { readonly settings: string },
): Record<string, string> {
  return {
    "Pulumi.yaml": `name: program\nruntime: nodejs\nplugins: { languages: [{ name: nodejs, path: ./${folder} }] }\n`,
    [`${folder}/pulumi-language-nodejs`]:
      `#!/bin/sh\nhost=$(command -v pulumi-language-nodejs)\n` +
      `PATH="$(cd "$(dirname "$0")" && pwd):$PATH" exec "$host" "$@"\n`,
    [`${folder}/node`]: `#!/bin/sh\nexec ${process.execPath} --require "$(dirname "$0")/hook.js" "$@"\n`,
    [`${folder}/hook.js`]: `process.env.MOTHERDUCK_TOKENS_CONFIG_TEXT = ${JSON.stringify(settings)};`,
  };
}
