import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { createServer as createTlsServer } from "node:tls";
import { Worker } from "node:worker_threads";
import type { Certificate } from "./certificates";

/** What a server does with a request, byte by byte. */
export type Behaviour = (socket: Socket, head: string) => void;

/** A server on a real socket, on loopback. */
export interface RawServer {
  readonly port: number;
  /** The heads of all requests that were received. */
  readonly requests: string[];
  stop(): Promise<void>;
}

/** Starts a server that behaves as told after it received the head of a request; over TLS if it has a certificate. */
export async function startServer(behave: Behaviour, certificate?: Certificate): Promise<RawServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const onConnection = (socket: Socket) => {
    socket.on("error", () => undefined);
    let received = "";
    socket.on("data", function onData(data) {
      received += data.toString("latin1");
      // A greeting in TLS, which a server without TLS does not understand, counts as a head, too.
      if (!received.includes("\r\n\r\n") && !received.startsWith("\x16")) return;
      const head = received;
      received = "";
      requests.push(head);
      // After CONNECT, the socket is a tunnel.
      if (head.startsWith("CONNECT")) socket.off("data", onData);
      behave(socket, head);
    });
  };
  const server: Server = certificate
    ? createTlsServer(certificate, onConnection).on("tlsClientError", () => undefined)
    : createServer(onConnection);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/**
 * A port on which nobody listens. It is a client's, so that nobody else gets it meanwhile: many servers start at the same
 * time.
 */
export async function startNobody(): Promise<RawServer> {
  const server = await startServer(() => undefined);
  const client = connect(server.port, "127.0.0.1");
  await once(client, "connect");
  return {
    port: client.localPort ?? NaN,
    requests: [],
    async stop() {
      client.destroy();
      await server.stop();
    },
  };
}

/** Starts a server to which no connection can be made: the system's queue for it is full, and nobody takes from it. */
export async function startFullServer(): Promise<RawServer> {
  const worker = new Worker(
    `const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      require("node:worker_threads").parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`,
    { eval: true },
  );
  const [port] = (await once(worker, "message")) as [number];
  const queue: Socket[] = [];
  do {
    queue.push(connect(port, "127.0.0.1").on("error", () => undefined));
    await sleep(100);
    // A busy process comes here before it is told of a connection.
    await turn();
  } while (queue.at(-1)?.connecting === false);
  return {
    port,
    requests: [],
    async stop() {
      for (const socket of queue) socket.destroy();
      await worker.terminate();
    },
  };
}

/** Sends this and nothing more; the connection stays open. */
export const send =
  (...parts: (string | Buffer)[]): Behaviour =>
  (socket) => {
    for (const part of parts) socket.write(part);
  };

/** Sends this and ends the connection in good order. */
export const sendAndClose =
  (...parts: (string | Buffer)[]): Behaviour =>
  (socket) => {
    for (const part of parts) socket.write(part);
    socket.end();
  };

/** Sends this and resets the connection. */
export const sendAndReset =
  (...parts: string[]): Behaviour =>
  (socket) => {
    socket.write(parts.join(""), () => setTimeout(() => socket.resetAndDestroy(), 20));
  };

/** Sends this and then a byte now and then, so that the connection never falls silent. */
export const trickle =
  (start: string, byte: string): Behaviour =>
  (socket) => {
    socket.write(start);
    const timer = setInterval(() => socket.write(byte), 20);
    socket.once("close", () => clearInterval(timer));
  };

/** A proxy for `CONNECT`, which takes every name for this machine. It keeps what it is sent in clear. */
export function startProxy(certificate?: Certificate): Promise<RawServer> {
  return startServer((socket, head) => {
    const [, port = ""] = /^CONNECT \S+:(\d+) /.exec(head) ?? [];
    if (port === "") return void socket.end("HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n");
    const target = connect(Number(port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(target).pipe(socket);
    });
    target.on("error", () => socket.destroy());
    socket.once("close", () => target.destroy());
  }, certificate);
}
