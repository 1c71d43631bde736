/** The types of this project's resources in TypeScript programs, as they appear in state and in policies. */
export const DYNAMIC_TYPES = {
  userTokens: "pulumi-nodejs:dynamic/motherduck:UserTokens",
  organizationTokens: "pulumi-nodejs:dynamic/motherduck:OrganizationTokens",
} as const;

/**
 * The serialized provider of each, which the engine keeps in state: see `docs/decisions`. It must not change, because a
 * different text is a diff on every resource in every stack.
 */
export const DYNAMIC_PROVIDERS: Readonly<Record<string, string>> = {
  [DYNAMIC_TYPES.userTokens]: providerText("userTokens"),
  [DYNAMIC_TYPES.organizationTokens]: providerText("organizationTokens"),
};

function providerText(name: string): string {
  return `exports.handler=()=>require("pulumi-motherduck-tokens/dynamic-provider").${name}`;
}

/** The types of the plugin, which programs in every language use. */
export const PLUGIN_TYPES = {
  userTokens: "motherduck-tokens:index:UserTokens",
  organizationTokens: "motherduck-tokens:index:OrganizationTokens",
} as const;
