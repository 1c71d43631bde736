/**
 * See the API tokens of MotherDuck users in Pulumi programs.
 *
 * @packageDocumentation
 */
export {
  ApiError,
  type ApiIssue,
  MotherDuckTokensError,
  NetworkError,
  ReadError,
  ResponseError,
  SettingsError,
} from "../client/errors";
export type { OrganizationUser } from "../core/organization-user";
export type { TokenType, UserToken } from "../core/user-token";
export {
  getUserTokens,
  getUserTokensOutput,
  type GetUserTokensArgs,
  type GetUserTokensOutputArgs,
  type GetUserTokensResult,
} from "./get-user-tokens";
export { OrganizationTokens, type OrganizationTokensArgs } from "./organization-tokens";
export { UserTokens, type UserTokensArgs } from "./user-tokens";
