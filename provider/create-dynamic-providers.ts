import type * as dynamic from "@pulumi/pulumi/dynamic";
import { CONFIG_NAMESPACE } from "../client/settings";
import { messageOf } from "../core/error-message";
import { type EvidenceResource, type Properties } from "../resources/evidence-resource";
import { createSession, type Session } from "../resources/session";

/** The parts of the SDK's `ResourceProvider` that are needed, with stricter types. */
export interface DynamicProvider {
  configure(request: dynamic.ConfigureRequest): Promise<void>;
  check(olds: unknown, news: Properties): Promise<dynamic.CheckResult<Properties>>;
  diff(id: string, olds: Properties, news: Properties): Promise<dynamic.DiffResult>;
  create(inputs: Properties): Promise<dynamic.CreateResult<Properties>>;
  update(id: string, olds: Properties, news: Properties): Promise<dynamic.UpdateResult<Properties>>;
  read(id: string, outputs?: Properties): Promise<dynamic.ReadResult<Properties>>;
}

/** Creates the providers of one process, which share what they have read. */
export function createDynamicProviders<Name extends string>(
  resources: Record<Name, EvidenceResource>,
): Record<Name, DynamicProvider> {
  let session: Session | undefined;
  const getSession = (config?: dynamic.Config) => (session ??= createSession(lookupIn(config), process.env));
  const entries = Object.entries<EvidenceResource>(resources);
  return Object.fromEntries(
    entries.map(([name, resource]) => [name, toDynamicProvider(resource, getSession)]),
  ) as Record<Name, DynamicProvider>;
}

function toDynamicProvider(
  resource: EvidenceResource,
  getSession: (config?: dynamic.Config) => Session,
): DynamicProvider {
  return {
    /** The engine calls this once per kind of resource, with the same configuration. */
    configure({ config }) {
      getSession(config);
      return Promise.resolve();
    },

    check: (_olds, news) => resource.check(news, getSession()) as Promise<dynamic.CheckResult<Properties>>,

    diff(_id, olds, news) {
      const { changes, replaces } = resource.diff(olds, news);
      return Promise.resolve({ changes, replaces: [...replaces], deleteBeforeReplace: true });
    },

    create: (inputs) => cleanly(() => ({ id: resource.idOf(inputs), outs: resource.outputsOf(inputs) })),

    update: (_id, _olds, news) => cleanly(() => ({ outs: resource.outputsOf(news) })),

    /** An empty id tells the engine that the resource is gone. */
    read: (id, outputs = {}) =>
      cleanly(async () => {
        const inputs = await resource.refresh(id, outputs, getSession());
        if (!inputs) return { id: "" };
        return { id, props: resource.outputsOf(inputs), inputs };
      }),
  };
}

// The SDK prints the stack of an error that a provider throws. These messages are complete without it.
async function cleanly<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const clean = new Error(messageOf(error));
    clean.stack = clean.message;
    throw clean;
  }
}

function lookupIn(config: dynamic.Config | undefined): (key: string) => string | undefined {
  return (key) => {
    // Typed as `any` by the SDK; the engine passes all configuration values as strings.
    const value: unknown = config?.get(`${CONFIG_NAMESPACE}:${key}`);
    return typeof value === "string" ? value : undefined;
  };
}
