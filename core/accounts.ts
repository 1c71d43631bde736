/** The kinds of accounts that can be selected. */
export const ACCOUNTS = ["all", "humans", "serviceAccounts"] as const;

/** People, service accounts, or both. */
export type Accounts = (typeof ACCOUNTS)[number];
