import { PLUGIN_TYPES } from "../core/resource-types";
import type { CheckFailure, EvidenceResource, Properties } from "../resources/evidence-resource";
import { organizationTokensResource } from "../resources/organization-tokens";
import { createSession, type Session } from "../resources/session";
import { userTokensResource } from "../resources/user-tokens";
import { checkConfig, readConfig, usersAheadIn } from "./provider-config";
import { GET_USER_TOKENS, schema } from "./schema";

/** A provider without the words of the engine's protocol. */
export interface Provider {
  readonly version: string;
  /** The package's schema, as JSON. */
  readonly schema: string;
  /** The configuration as it goes into state, and from there to `configure`. */
  checkConfig(config: Properties): Properties;
  /** @throws Error if the API token was given as plain text, and where `readAhead` is not a list of names. */
  configure(config: Properties): void;
  /** @throws Error for a type that is not in the schema. */
  resource(type: string): EvidenceResource;
  /** What the resources of this provider share. */
  session(): Session;
  /** Calls a function of the schema. @throws Error for one that is not there. */
  invoke(token: string, args: Properties): Promise<FunctionResult>;
}

export interface FunctionResult {
  readonly result?: Properties;
  readonly failures?: readonly CheckFailure[];
}

const RESOURCES: Readonly<Record<string, EvidenceResource>> = {
  [PLUGIN_TYPES.userTokens]: userTokensResource,
  [PLUGIN_TYPES.organizationTokens]: organizationTokensResource,
};

const FUNCTIONS: Readonly<Record<string, (args: Properties, session: Session) => Promise<FunctionResult>>> = {
  async [GET_USER_TOKENS](args, session) {
    const { inputs, failures } = await userTokensResource.check(args, session);
    return failures ? { failures } : { result: userTokensResource.outputsOf(inputs) };
  },
};

/**
 * Makes the provider of one process; the engine starts a process for each provider resource.
 *
 * @param log shows a text to the user.
 */
export function createProvider(env: NodeJS.ProcessEnv, log: (text: string) => void = () => undefined): Provider {
  const onSlowReads = (users: number, seconds: number) => log(describeSlowReads(users, seconds));
  let session = createSession(() => undefined, env, { onSlowReads });
  return {
    version: schema.version,
    schema: JSON.stringify(schema),
    checkConfig,
    configure(config) {
      session = createSession(readConfig(config), env, { usersAhead: usersAheadIn(config), onSlowReads });
    },
    resource: (type) => lookUp(RESOURCES, type),
    session: () => session,
    invoke: (token, args) => lookUp(FUNCTIONS, token)(args, session),
  };
}

function describeSlowReads(users: number, seconds: number): string {
  return (
    `The tokens of ${users} users were read one after the other so far, which took ${seconds.toFixed(0)} s. To read them at ` +
    'the same time, name these users in the setting motherduck-tokens:readAhead, for example ["svc_*"]. More: ' +
    "docs/languages.md in the package pulumi-motherduck-tokens."
  );
}

function lookUp<T>(table: Readonly<Record<string, T>>, name: string): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found === undefined) throw new Error(`${schema.name} ${schema.version} has no ${name}`);
  return found;
}
