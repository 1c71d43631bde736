/** What the dates in metrics can be told apart by: the token's type, also its owner, its user, or each token. */
export const METRIC_LABELS = ["type", "owner", "user", "token"] as const;

/** One of the {@link METRIC_LABELS}. */
export type MetricLabels = (typeof METRIC_LABELS)[number];

/** How many owners, users or tokens have dates of their own in metrics, unless an option says something else. */
export const DEFAULT_METRIC_LIMIT = 1000;

/** The most that can be asked for. Each is two series. */
export const MAX_METRIC_LIMIT = 100_000;
