/** Which accounts of an organization are meant. */
export const ACCOUNTS = ["all", "humans", "serviceAccounts"] as const;

/** People, service accounts, or both. */
export type Accounts = (typeof ACCOUNTS)[number];
