/**
 * The providers that the engine calls, in the process of the dynamic provider. Every resource's state names this module
 * (`pulumi-motherduck-tokens/dynamic-provider`) and its exports, so none of these names can change.
 */
import { keepCompiledCode } from "../core/compile-cache";
import { organizationTokensResource } from "../resources/organization-tokens";
import { userTokensResource } from "../resources/user-tokens";
import { createDynamicProviders } from "./create-dynamic-providers";

// At this point the SDK is loaded, but not the HTTP client.
keepCompiledCode();

const providers = createDynamicProviders({
  userTokens: userTokensResource,
  organizationTokens: organizationTokensResource,
});

/** The provider of `UserTokens`. */
export const userTokens = providers.userTokens;

/** The provider of `OrganizationTokens`. */
export const organizationTokens = providers.organizationTokens;
