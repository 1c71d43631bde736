import * as pulumi from "@pulumi/pulumi";
import type { OrganizationUser } from "../core/organization-user";
import { DYNAMIC_PROVIDERS, DYNAMIC_TYPES } from "../core/resource-types";
import { refusePlaintextToken } from "./program-config";
import { refuseImport } from "./refuse-import";
import { refuseUnreachable } from "./refuse-unreachable";

/** The arguments of {@link OrganizationTokens}: whom to read. With both, a user must match both; with neither, all match. */
export interface OrganizationTokensArgs {
  /**
   * The users and service accounts to read. Each must be in the organization, and the list must not be empty. They are
   * kept as plain text, so they must not be secrets. Default: everybody that the API lists.
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
 * It reads `motherduck-tokens:concurrency` users at the same time, so it is the fast way to read many. It always lists the
 * organization's users, including deprovisioned ones, to tell for each whether it is a service account, whether it was
 * deprovisioned, its e-mail address and its roles. If the API token is not allowed to list them, `usernames` are still read,
 * without these details.
 *
 * Users who cannot be read stop the preview, with one message for all of them. So do a name that is not in the organization
 * and an empty selection.
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
   * package is not a dependency of the program itself.
   */
  constructor(name: string, args: OrganizationTokensArgs = {}, opts?: pulumi.CustomResourceOptions) {
    refuseImport("OrganizationTokens", name, opts);
    refusePlaintextToken();
    refuseUnreachable();
    // Copies only known arguments. `users` is here because it is an output; only the provider sets its value.
    const { usernames, accounts } = args;
    super(OrganizationTokens.__pulumiType, name, { usernames, accounts, users: undefined, __provider }, opts);
  }
}

/** Like that of `UserTokens`, it must not change. */
const __provider = DYNAMIC_PROVIDERS[DYNAMIC_TYPES.organizationTokens];
