import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A server that runs while tests do. */
export interface RunningServer {
  /** Without a slash at the end. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a server of Prometheus' on loopback, and waits until it answers. Where somebody else took its port before it did,
 * it gets another one.
 *
 * @param flags those that do not say where it listens.
 * @param readyPath answers with 200 when it is ready.
 */
export async function startServer(
  program: string,
  flags: readonly string[],
  readyPath: string,
): Promise<RunningServer> {
  for (let left = 3; ; left--) {
    try {
      return await startOnFreePort(program, flags, readyPath);
    } catch (error) {
      if (left === 0 || !/address already in use/.test((error as Error).message)) throw error;
    }
  }
}

async function startOnFreePort(program: string, flags: readonly string[], readyPath: string): Promise<RunningServer> {
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(program, [...flags, `--web.listen-address=${address}`], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (output += text.toString()));
  const url = `http://${address}`;
  for (let attempt = 0; !(await isReady(url + readyPath)); attempt++) {
    if (attempt === ATTEMPTS || child.exitCode !== null) {
      await stop(child);
      throw new Error(`${program} does not answer:\n${output}`);
    }
    await sleep(PAUSE_MS);
  }
  return { url, stop: () => stop(child) };
}

const ATTEMPTS = 200;
const PAUSE_MS = 100;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function isReady(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}
