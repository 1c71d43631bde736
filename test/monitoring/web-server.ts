import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { RunningServer } from "./server";

/** What a path answers. */
export interface Page {
  readonly type: string;
  readonly text: () => string;
}

/** A web server on loopback, as one that gives files. */
export async function startWebServer(pages: Readonly<Record<string, Page>>): Promise<RunningServer> {
  const server = createServer(({ url = "" }, response) => {
    const page = pages[url];
    if (page) response.writeHead(200, { "content-type": page.type }).end(page.text());
    else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
