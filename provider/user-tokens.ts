import * as pulumi from "@pulumi/pulumi";
import { DYNAMIC_PROVIDERS, DYNAMIC_TYPES } from "../core/resource-types";
import type { UserToken } from "../core/user-token";
import { READ_AHEAD } from "../resources/evidence-resource";
import { usernamesAfter } from "./declared-usernames";
import { refusePlaintextToken } from "./program-config";
import { refuseImport } from "./refuse-import";
import { refuseUnreachable } from "./refuse-unreachable";

/** The arguments of {@link UserTokens}. */
export interface UserTokensArgs {
  /**
   * The user or service account whose tokens are read: 1 to 255 characters. It becomes the resource's id, which Pulumi
   * keeps as plain text, so it must not be a secret.
   */
  username: pulumi.Input<string>;
}

/**
 * The API tokens of one MotherDuck user, read live in every preview and every update: a read-only data source in the
 * shape of a resource, because policies see resources only. Nothing is ever created, changed or deleted at MotherDuck.
 *
 * While the username is not known yet (an output of a resource that is still to be created), nothing is sent, and the tokens
 * are unknown, too. The update reads them before it creates this resource.
 *
 * A read that fails stops the preview with one message on `username`. The API token is taken from the environment of the
 * `pulumi` command (`MOTHERDUCK_ADMIN_TOKEN`, `MOTHERDUCK_API_TOKEN`, `MOTHERDUCK_TOKEN`) or from the secret
 * configuration value `motherduck-tokens:apiToken`.
 *
 * @example
 * const etl = new UserTokens("etl", { username: "svc_etl" });
 * export const names = etl.tokens.apply((tokens) => tokens.map((token) => token.name));
 */
export class UserTokens extends pulumi.CustomResource {
  /** The type in state and in policies. */
  static readonly __pulumiType = DYNAMIC_TYPES.userTokens;

  // `declare`: a plain field would overwrite what the base class sets.
  /** The user whose tokens these are. */
  declare readonly username: pulumi.Output<string>;
  /** The user's tokens, in the order of their creation. */
  declare readonly tokens: pulumi.Output<UserToken[]>;

  /**
   * @param name unique in the program; it need not be the username.
   * @throws Error where `args.username` is missing, the `import` option is given, `motherduck-tokens:apiToken` is configured as
   * plain text, or this package is not a dependency of the program itself.
   */
  constructor(name: string, args: UserTokensArgs, opts?: pulumi.CustomResourceOptions) {
    if ((args as Partial<UserTokensArgs> | undefined)?.username === undefined) {
      throw new Error(`UserTokens "${name}" has no username. Pass one: new UserTokens("${name}", { username: "…" }).`);
    }
    refuseImport("UserTokens", name, opts);
    refusePlaintextToken();
    refuseUnreachable();
    // Copies only known arguments. `tokens` is here because it is an output; only the provider sets its value.
    const { username } = args;
    const inputs = { username, tokens: undefined, [READ_AHEAD]: usernamesAfter(username), __provider };
    super(UserTokens.__pulumiType, name, inputs, opts);
  }
}

/**
 * The text that `pulumi.dynamic.Resource` would generate by serializing a provider object: a module whose `handler()`
 * returns the provider. Every state with a dynamic resource has this format. Written by hand, it is a hundredth of the
 * size, is the same on all machines and in all versions, captures nothing, and spares each program the serializer (which
 * loads the TypeScript compiler). It must not change: a different text is a diff on every resource in every stack.
 */
const __provider = DYNAMIC_PROVIDERS[DYNAMIC_TYPES.userTokens];
