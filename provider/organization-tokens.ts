import * as pulumi from "@pulumi/pulumi";
import type { OrganizationUser } from "../core/organization-user";
import { DYNAMIC_PROVIDERS, DYNAMIC_TYPES } from "../core/resource-types";
import { refusePlaintextToken } from "./program-config";
import { refuseImport } from "./refuse-import";
import { refuseUnreachable } from "./refuse-unreachable";

/** What {@link OrganizationTokens} may be told: whom to read. Both together mean both; nothing means everybody. */
export interface OrganizationTokensArgs {
  /**
   * The users and service accounts to read. Each must be in the organization, and the list must not be empty. They are
   * kept in clear, so they must not be secrets. Default: everybody that the API lists.
   */
  usernames?: pulumi.Input<pulumi.Input<string>[]>;
  /** People (`humans`), service accounts (`serviceAccounts`), or `all`. Default: `all`. */
  accounts?: pulumi.Input<"all" | "humans" | "serviceAccounts">;
}

/**
 * The API tokens of many MotherDuck users, or of everybody in the organization, read live in every preview and every
 * update: a read-only data source in the shape of a resource, because policies see resources only. Nothing is ever
 * created, changed or deleted at MotherDuck.
 *
 * All reads are made at once (`motherduck-tokens:concurrency` at the same time), so it is the fast way for many users. It
 * always lists the organization's users, the deprovisioned ones included, which tells of each whether it is a service
 * account and whether it was deprovisioned. Where the API token may not list them, `usernames` can be read all the same,
 * without these two.
 *
 * A user who cannot be read stops the preview with one message for all of them, and so does a name that is not in the
 * organization, or a selection that is empty.
 *
 * @example
 * const everybody = new OrganizationTokens("everybody");
 * const robots = new OrganizationTokens("robots", { accounts: "serviceAccounts" });
 * export const endless = robots.users.apply((users) =>
 *   users.filter(({ tokens }) => tokens.some(({ expireAt }) => expireAt === undefined)).map(({ username }) => username),
 * );
 */
export class OrganizationTokens extends pulumi.CustomResource {
  /** The type in state and in policies. */
  static readonly __pulumiType = DYNAMIC_TYPES.organizationTokens;

  // `declare`: a plain field would overwrite what the base class sets.
  /** The users, by username, with their tokens. */
  declare readonly users: pulumi.Output<OrganizationUser[]>;

  /**
   * @param name unique in the program.
   * @throws Error where the `import` option is given, `motherduck-tokens:apiToken` is configured as plain text, or this
   * package is no dependency of the program itself.
   */
  constructor(name: string, args: OrganizationTokensArgs = {}, opts?: pulumi.CustomResourceOptions) {
    refuseImport("OrganizationTokens", name, opts);
    refusePlaintextToken();
    refuseUnreachable();
    // Only what is ours: `users` is here because it is an output, its value comes from the provider alone.
    const { usernames, accounts } = args;
    super(OrganizationTokens.__pulumiType, name, { usernames, accounts, users: undefined, __provider }, opts);
  }
}

/** As that of `UserTokens`: it must not change. */
const __provider = DYNAMIC_PROVIDERS[DYNAMIC_TYPES.organizationTokens];
