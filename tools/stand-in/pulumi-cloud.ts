import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** What the service is told of a pack. */
export interface PublishedPack {
  readonly name: string;
  readonly versionTag: string;
  readonly policies: readonly { readonly name: string; readonly enforcementLevel: string }[];
}

/** The part of Pulumi Cloud's API that publishing and enabling a policy pack needs, on loopback. */
export class PulumiCloud {
  /** `METHOD /path` of all requests so far. */
  readonly requests: string[] = [];
  pack: PublishedPack | undefined;
  /** The archive of the pack that was uploaded. */
  archive: Buffer | undefined;
  /** The change of the policy group that was asked for. */
  policyGroup: unknown;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void readBody(request).then((body) => {
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(this.#answer(`${request.method} ${request.url}`, body)));
      });
    });
  }

  static async start(): Promise<PulumiCloud> {
    const cloud = new PulumiCloud();
    cloud.#server.listen(0, "127.0.0.1");
    await once(cloud.#server, "listening");
    return cloud;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #answer(request: string, body: Buffer): unknown {
    this.requests.push(request);
    switch (request) {
      case "GET /api/user":
        return { githubLogin: "me", name: "me", email: "me@example.com", organizations: [{ githubLogin: "acme" }] };
      case "GET /api/capabilities":
        return { capabilities: [] };
      case "POST /api/orgs/acme/policypacks":
        this.pack = JSON.parse(body.toString()) as PublishedPack;
        return { version: 1, uploadURI: `${this.url}/upload`, requiredHeaders: {} };
      case "PUT /upload":
        this.archive = body;
        return {};
      case "PATCH /api/orgs/acme/policygroups/production":
        this.policyGroup = JSON.parse(body.toString());
        return {};
      default:
        return {};
    }
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}
