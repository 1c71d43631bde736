import type { AuditHeader, JudgedUser } from "../../audit/result";
import { daysToMs, SECOND } from "../../core/duration";
import { EXPIRY_THRESHOLDS } from "../../core/expiry-thresholds";
import { parseInstant } from "../../core/instant";
import { printable } from "../../core/printable";
import type { UserToken } from "../../core/user-token";
import { type CountedType, expiryOf, isActive, TOKEN_TYPES } from "../../policies/token-facts";
import type { MetricLabels } from "../metric-options";
import { nameWithOrganization } from "../vocabulary/names";
import { Counter } from "./counter";
import type { Labels, Metric, Sample } from "./exposition";

/** When a token expires: in at most so many days, and in more than the number before. */
const EXPIRES = [
  "expired",
  ...EXPIRY_THRESHOLDS.toReversed().map((days) => `${days}d` as const),
  "later",
  "never",
  "unknown",
] as const;

/** The dates of tokens that have the same labels. Milliseconds since the epoch. */
interface Dates {
  readonly labels: Labels;
  /** The first expiry; absent where none of them has one. */
  expires?: number;
  /** The first creation. */
  created?: number;
}

/** Counts tokens, and keeps the first dates of those that have not expired. */
export class TokenTally {
  readonly #header: AuditHeader;
  readonly #now: number;
  readonly #by: MetricLabels;
  readonly #counts = new Counter(TOKEN_TYPES.flatMap((type) => EXPIRES.map((expires) => ({ type, expires }))));
  readonly #dates = new Map<string, Dates>();

  constructor(header: AuditHeader, by: MetricLabels) {
    this.#header = header;
    this.#now = Date.parse(header.now);
    this.#by = by;
  }

  add(user: JudgedUser): void {
    for (const token of user.tokens) {
      const type = typeOf(token);
      this.#counts.add({ type, expires: this.#expiresOf(token) });
      if (isActive(token, this.#now)) this.#keep(this.#labelsOf(user, token, type), token);
    }
  }

  /** Tokens by type and expiry, with zeros. */
  counts(): readonly Sample[] {
    return this.#counts.samples();
  }

  /**
   * The dates, what expires first in front.
   *
   * @param limit how many sets of labels there may be.
   */
  dates(limit: number): { readonly metrics: readonly Metric[]; readonly leftOut: number } {
    const all = [...this.#dates.values()].sort(
      (a, b) => (a.expires ?? Infinity) - (b.expires ?? Infinity) || (a.created ?? Infinity) - (b.created ?? Infinity),
    );
    const kept = all.slice(0, this.#by === "type" ? Infinity : limit);
    const samples = (key: "expires" | "created") =>
      kept.flatMap(({ labels, [key]: date }) => (date === undefined ? [] : [{ labels, value: date / SECOND }]));
    return {
      metrics: [
        {
          name: "motherduck_token_expiration_timestamp_seconds",
          unit: "seconds",
          help: "When the first of the tokens with these labels expires. Only of tokens that had not expired in the last audit.",
          samples: samples("expires"),
        },
        {
          name: "motherduck_token_creation_timestamp_seconds",
          unit: "seconds",
          help: "When the first of the tokens with these labels was created. Only of tokens that had not expired in the last audit.",
          samples: samples("created"),
        },
      ],
      leftOut: all.length - kept.length,
    };
  }

  #keep(labels: Labels, token: UserToken): void {
    const key = JSON.stringify(labels);
    let dates = this.#dates.get(key);
    if (!dates) this.#dates.set(key, (dates = { labels }));
    const [expires, created] = [expiryOf(token), parseInstant(token.createdTs)];
    if (expires !== undefined) dates.expires = Math.min(expires, dates.expires ?? Infinity);
    if (created !== undefined) dates.created = Math.min(created, dates.created ?? Infinity);
  }

  #expiresOf(token: UserToken): (typeof EXPIRES)[number] {
    if (typeof token.expireAt !== "string") return "never";
    const expiry = expiryOf(token);
    if (expiry === undefined) return "unknown";
    if (!isActive(token, this.#now)) return "expired";
    const days = EXPIRY_THRESHOLDS.findLast((threshold) => expiry - this.#now <= daysToMs(threshold));
    return days === undefined ? "later" : `${days}d`;
  }

  #labelsOf({ username, origin }: JudgedUser, { id, name = "" }: UserToken, type: string): Labels {
    if (this.#by === "type") return { type };
    // All series name the audit's own organization.
    const isOwn = origin?.organization === this.#header.organization;
    const user = { user: printable(isOwn ? username : nameWithOrganization(username, origin), LONGEST) };
    if (this.#by === "user") return { ...user, type };
    return { ...user, token: printable(name, LONGEST), token_id: printable(id, LONGEST), type };
  }
}

/** Characters of a label, at most. */
const LONGEST = 500;

/** A type that is not known counts as `other`, so that nobody can make more labels. */
function typeOf({ tokenType }: UserToken): CountedType | "other" {
  return TOKEN_TYPES.find((known) => known === tokenType) ?? "other";
}
