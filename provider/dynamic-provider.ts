/**
 * What the engine calls, in the process of the dynamic provider. Every resource's state names this module
 * (`pulumi-motherduck-tokens/dynamic-provider`) and its exports; all of these names are for good.
 */
import { userTokens as userTokensResource } from "../resources/user-tokens";
import { createDynamicProviders } from "./create-dynamic-providers";

/** The provider of `UserTokens`. */
export const { userTokens } = createDynamicProviders({ userTokens: userTokensResource });
