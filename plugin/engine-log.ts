import { promisify } from "node:util";
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/**
 * Shows a text to the user, among the diagnostics of the run. A text that cannot be shown is dropped: it is never what a run
 * depends on.
 *
 * @param args what the plugin was started with: flags, and the address at which the engine listens.
 */
export async function logToEngine(text: string, args: readonly string[]): Promise<void> {
  const address = args.find((arg) => /^[^-].*:\d+$/.test(arg));
  if (address === undefined) return;
  const client = new EngineClient(address, grpc.credentials.createInsecure());
  const log = promisify<LogRequest, unknown>(client.log.bind(client));
  const request = new LogRequest().setSeverity(LogSeverity.INFO).setMessage(text);
  await log(request).catch(() => undefined);
  client.close();
}
