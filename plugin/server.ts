import { setMaxListeners } from "node:events";
import { promisify } from "node:util";
import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { messageOf } from "../core/error-message";
import { fromStruct, toFailures, toStruct, typeOf } from "./protocol";
import type { Provider } from "./provider";

/** A server that runs, on loopback. */
export interface RunningServer {
  readonly port: number;
  stop(): void;
}

/**
 * Serves a provider to the engine by the SDK's own stubs. `main` of `@pulumi/pulumi/provider` would do it, too, but keeps
 * the configuration to itself, and does not stop what is running when the engine says so.
 */
export async function serve(provider: Provider): Promise<RunningServer> {
  // No limits of size: the tokens of an organization are one message.
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService, handlers(provider));
  const bind = promisify(server.bindAsync.bind(server));
  const port = await bind("127.0.0.1:0", grpc.ServerCredentials.createInsecure());
  return { port, stop: () => server.forceShutdown() };
}

// Calls that are not here are answered as "unimplemented", which the engine can take.
function handlers(provider: Provider): grpc.UntypedServiceImplementation {
  const cancellation = new AbortController();
  // Each call that is running listens; Node.js would take more than ten for a leak, and say so to the user.
  setMaxListeners(0, cancellation.signal);
  const answer = <Request, Response>(handle: (request: Request) => Response | Promise<Response>) =>
    unary(handle, cancellation.signal);

  return {
    getPluginInfo: answer(() => new PluginInfo().setVersion(provider.version)),
    getSchema: answer(() => new rpc.GetSchemaResponse().setSchema(provider.schema)),

    checkConfig: answer((request: rpc.CheckRequest) => {
      const config = provider.checkConfig(fromStruct(request.getNews()));
      return new rpc.CheckResponse().setInputs(toStruct(config));
    }),
    // Without "accepts secrets": the engine then unwraps secrets, and wraps what comes back under the same name.
    configure: answer((request: rpc.ConfigureRequest) => {
      provider.configure(fromStruct(request.getArgs()));
      return new rpc.ConfigureResponse();
    }),

    check: answer(async (request: rpc.CheckRequest) => {
      const resource = provider.resource(typeOf(request.getUrn()));
      const { inputs, failures } = await resource.check(fromStruct(request.getNews()), provider.session());
      return new rpc.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(toFailures(failures));
    }),
    diff: answer((request: rpc.DiffRequest) => {
      const resource = provider.resource(typeOf(request.getUrn()));
      const { changes, replaces } = resource.diff(fromStruct(request.getOlds()), fromStruct(request.getNews()));
      const { DIFF_SOME, DIFF_NONE } = rpc.DiffResponse.DiffChanges;
      const response = new rpc.DiffResponse().setChanges(changes ? DIFF_SOME : DIFF_NONE).setDeletebeforereplace(true);
      return response.setReplacesList([...replaces]);
    }),
    create: answer((request: rpc.CreateRequest) => {
      const resource = provider.resource(typeOf(request.getUrn()));
      const inputs = fromStruct(request.getProperties());
      return new rpc.CreateResponse().setId(resource.idOf(inputs)).setProperties(toStruct(resource.outputsOf(inputs)));
    }),
    update: answer((request: rpc.UpdateRequest) => {
      const resource = provider.resource(typeOf(request.getUrn()));
      return new rpc.UpdateResponse().setProperties(toStruct(resource.outputsOf(fromStruct(request.getNews()))));
    }),
    read: answer(async (request: rpc.ReadRequest) => {
      const resource = provider.resource(typeOf(request.getUrn()));
      const id = request.getId();
      const inputs = await resource.refresh(id, fromStruct(request.getProperties()), provider.session());
      // An empty id tells the engine that the resource no longer exists.
      if (!inputs) return new rpc.ReadResponse();
      const response = new rpc.ReadResponse().setId(id).setInputs(toStruct(inputs));
      return response.setProperties(toStruct(resource.outputsOf(inputs)));
    }),
    delete: answer(() => new Empty()),

    invoke: answer(async (request: rpc.InvokeRequest) => {
      const { result, failures } = await provider.invoke(request.getTok(), fromStruct(request.getArgs()));
      const response = new rpc.InvokeResponse().setFailuresList(toFailures(failures));
      return result ? response.setReturn(toStruct(result)) : response;
    }),

    cancel(_call: unknown, callback: grpc.sendUnaryData<Empty>) {
      cancellation.abort();
      callback(null, new Empty());
    },
  };
}

/** A call that is answered with what `handle` gives, or with its error; on cancellation at once. */
function unary<Request, Response>(
  handle: (request: Request) => Response | Promise<Response>,
  cancelled: AbortSignal,
): grpc.handleUnaryCall<Request, Response> {
  return ({ request }, callback) => {
    const fail = (code: grpc.status, details: string) => callback({ code, details });
    const onCancel = () => fail(grpc.status.CANCELLED, "cancelled");
    if (cancelled.aborted) return onCancel();
    cancelled.addEventListener("abort", onCancel);
    const end = (answer: () => void) => {
      cancelled.removeEventListener("abort", onCancel);
      if (!cancelled.aborted) answer();
    };
    new Promise<Response>((resolve) => resolve(handle(request))).then(
      (response) => end(() => callback(null, response)),
      (error: unknown) => end(() => fail(grpc.status.UNKNOWN, messageOf(error))),
    );
  };
}
