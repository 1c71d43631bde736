/** The types of this project's resources in TypeScript programs, as they stand in state and in policies. */
export const DYNAMIC_TYPES = {
  userTokens: "pulumi-nodejs:dynamic/motherduck:UserTokens",
  organizationTokens: "pulumi-nodejs:dynamic/motherduck:OrganizationTokens",
} as const;

/** The types of the plugin, which programs in every language use. */
export const PLUGIN_TYPES = {
  userTokens: "motherduck-tokens:index:UserTokens",
  organizationTokens: "motherduck-tokens:index:OrganizationTokens",
} as const;
