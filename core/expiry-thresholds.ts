/** Days before a token expires at which people are told, the first warning in front. */
export const EXPIRY_THRESHOLDS = [30, 14, 7, 3, 1] as const;
