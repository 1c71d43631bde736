import { CONFIG_NAMESPACE, DEFAULT_SETTINGS } from "../client/settings";
import { PLUGIN_TYPES } from "../core/resource-types";
import { version } from "./package.json";

/** The function's token. */
export const GET_USER_TOKENS = `${CONFIG_NAMESPACE}:index:getUserTokens`;

const USER_TOKEN = `${CONFIG_NAMESPACE}:index:UserToken`;
const ORGANIZATION_USER = `${CONFIG_NAMESPACE}:index:OrganizationUser`;

const string = (description: string) => ({ type: "string", description });
const listOf = (type: string, description: string) => ({
  type: "array",
  items: { $ref: `#/types/${type}` },
  description,
});
const byDefault = (key: keyof typeof DEFAULT_SETTINGS) => `Default: ${DEFAULT_SETTINGS[key]}.`;

/** The same keys as in a TypeScript program's configuration. A test holds the texts and types to `ClientSettings`. */
const configuration = {
  apiToken: {
    ...string(
      "The bearer token: a `read_write` token of a user with the Admin role. Better given in the environment " +
        "(`MOTHERDUCK_ADMIN_TOKEN`): there it reaches no state.",
    ),
    secret: true,
  },
  apiUrl: string(`Base URL without a trailing slash; https, or http on loopback. ${byDefault("apiUrl")}`),
  organization: string(
    "The organization's name, which goes into evidence, so that users of the same name in two organizations are told " +
      "apart: the API does not return it. Default: none.",
  ),
  personalData: string(
    "What is done with e-mail addresses of users and descriptions of tokens, which may be personal: `keep`, or `omit`, which " +
      `leaves them out of state, reports and all else. ${byDefault("personalData")}`,
  ),
  attemptTimeoutSeconds: {
    type: "number",
    description: `Seconds for one attempt, from connecting to the last byte. One that used them up is the last. ${byDefault("attemptTimeoutSeconds")}`,
  },
  readTimeoutSeconds: {
    type: "number",
    description: `Seconds for a whole read: all attempts, waits and pages. ${byDefault("readTimeoutSeconds")}`,
  },
  maxAttempts: {
    type: "integer",
    description: `Attempts for each request, the first included. ${byDefault("maxAttempts")}`,
  },
  concurrency: {
    type: "integer",
    description: `Users whose tokens are read at the same time, at most; each takes one connection. ${byDefault("concurrency")}`,
  },
  readAhead: {
    type: "array",
    items: { type: "string" },
    description:
      "Usernames or globs whose tokens are read together, with the first `UserTokens`: the engine asks for one resource after " +
      'the other. `["*"]` reads everybody. It changes the speed alone. Default: none.',
  },
};

const userTokensOutputs = {
  properties: {
    username: string("The user whose tokens these are."),
    tokens: listOf(USER_TOKEN, "The user's tokens, in the order of their creation."),
  },
  required: ["username", "tokens"],
};

const MAY_BE_ABSENT = "Absent if the API does not return it, or does not allow this API token to list users.";

/** Pulumi's description of the package, from which the SDKs of all languages are made. */
export const schema = {
  name: CONFIG_NAMESPACE,
  version,
  description: "See the API tokens of MotherDuck users in Pulumi programs, where policies can judge them.",
  keywords: ["pulumi", "motherduck", "category/utility"],
  license: "Apache-2.0",
  attribution: "Not made by MotherDuck or by Pulumi.",
  language: {
    nodejs: { packageName: CONFIG_NAMESPACE, respectSchemaVersion: true },
    python: { respectSchemaVersion: true, pyproject: { enabled: true } },
    go: {
      respectSchemaVersion: true,
      // The default ones do not agree with the folders that are generated.
      modulePath: `example.com/pulumi-${CONFIG_NAMESPACE}/sdk/go`,
      importBasePath: `example.com/pulumi-${CONFIG_NAMESPACE}/sdk/go/motherducktokens`,
    },
    csharp: { respectSchemaVersion: true },
  },
  config: { variables: configuration },
  provider: {
    description:
      "Where tokens are read, and with which credential. What is left out comes from the environment: " +
      "`MOTHERDUCK_ADMIN_TOKEN`, `MOTHERDUCK_API_TOKEN`, `MOTHERDUCK_TOKEN`, `MOTHERDUCK_API_URL`, " +
      "`MOTHERDUCK_ORGANIZATION`, `MOTHERDUCK_PERSONAL_DATA`.",
    inputProperties: configuration,
  },
  types: {
    [USER_TOKEN]: {
      type: "object",
      description: "One API token of a MotherDuck user: metadata only, never the token's secret.",
      properties: {
        id: string("The token's id, a UUID. It is what the API needs to revoke the token."),
        name: string(
          "The name given at creation. Absent if the API sends none. Characters that are unsafe to print are escaped, as in `\\u001b`, and a backslash before `u001b` as `\\u005c`.",
        ),
        description: string(
          "What the token is for, in somebody's own words, given at creation. Absent if there is none, and if the API does not return descriptions yet. Escaped as the name is.",
        ),
        expireAt: string(
          "When the token expires, as the API wrote it (ISO 8601). Absent where the token never expires.",
        ),
        createdTs: string("When the token was created, as the API wrote it (ISO 8601)."),
        readOnly: { type: "boolean", description: "Whether the token can only read." },
        tokenType: string("`read_write` or `read_scaling`."),
      },
      required: ["id", "createdTs", "readOnly", "tokenType"],
    },
    [ORGANIZATION_USER]: {
      type: "object",
      description: "One user or service account of an organization, with its tokens.",
      properties: {
        username: string("Characters that are unsafe to print are escaped, as in `\\u001b`."),
        isServiceAccount: { type: "boolean", description: MAY_BE_ABSENT },
        isDeprovisioned: { type: "boolean", description: MAY_BE_ABSENT },
        email: string(
          "The user's e-mail address. Absent if there is none, and where personal data is left out. Escaped as the username is.",
        ),
        roles: {
          type: "array",
          items: { type: "string" },
          description: `The user's roles, for example \`admin\`, in alphabetical order. ${MAY_BE_ABSENT} Escaped as the username is.`,
        },
        tokens: listOf(USER_TOKEN, "In the order of their creation."),
      },
      required: ["username", "tokens"],
    },
  },
  resources: {
    [PLUGIN_TYPES.userTokens]: {
      description:
        "The API tokens of one MotherDuck user, read live in every preview and every update: a read-only data source " +
        "in the shape of a resource, because policies see resources only. Nothing is ever created, changed or deleted " +
        "at MotherDuck.",
      inputProperties: {
        username: {
          ...string(
            "The user or service account whose tokens are read: 1 to 255 characters. It becomes the resource's id, " +
              "which Pulumi keeps as plain text, so it must not be a secret.",
          ),
          replaceOnChanges: true,
        },
      },
      requiredInputs: ["username"],
      ...userTokensOutputs,
    },
    [PLUGIN_TYPES.organizationTokens]: {
      description:
        "The API tokens of many MotherDuck users, or of everybody in the organization, read live in every preview and " +
        "every update: a read-only data source in the shape of a resource, because policies see resources only. Nothing " +
        "is ever created, changed or deleted at MotherDuck.\n\n" +
        `All reads are made at once (\`${CONFIG_NAMESPACE}:concurrency\` at the same time), so it is the fast way for many ` +
        "users. A user who cannot be read stops the preview with one message for all of them, and so does a name that is " +
        "not in the organization, or a selection that is empty.",
      inputProperties: {
        usernames: {
          type: "array",
          items: { type: "string" },
          description:
            "The users and service accounts to read. Each must be in the organization, and the list must not be empty. " +
            "They are kept as plain text, so they must not be secrets. Default: everybody that the API lists.",
        },
        accounts: string("People (`humans`), service accounts (`serviceAccounts`), or `all`. Default: `all`."),
      },
      requiredInputs: [],
      properties: { users: listOf(ORGANIZATION_USER, "The users, by username, with their tokens.") },
      required: ["users"],
    },
  },
  functions: {
    [GET_USER_TOKENS]: {
      description:
        "Reads the API tokens of one MotherDuck user, in the program itself. **Policies do not see function calls.** " +
        "Where a policy shall judge the tokens, declare `UserTokens`.",
      inputs: {
        properties: {
          username: string("The user or service account whose tokens are read: 1 to 255 characters."),
        },
        required: ["username"],
      },
      outputs: userTokensOutputs,
    },
  },
};
