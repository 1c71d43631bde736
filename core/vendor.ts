/** MotherDuck's page about listing, rotating and revoking tokens. */
export const TOKENS_PAGE =
  "https://motherduck.com/docs/key-tasks/service-accounts-guide/manage-service-accounts-and-tokens/";
