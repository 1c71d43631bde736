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

/** What an environment of Pulumi ESC holds, by section and name there. */
export type EscEnvironment = Partial<Record<"environmentVariables" | "files", Readonly<Record<string, string>>>>;

/** A pack that a policy group requires. */
export interface RequiredPolicy {
  readonly name: string;
  readonly versionTag: string;
  /** CrossGuard's configuration, by policy. */
  readonly config?: object;
  /** The names of environments of Pulumi ESC. */
  readonly environments?: readonly string[];
}

/** The part of Pulumi Cloud's API that publishing, enabling and requiring a policy pack needs, on loopback. */
export class PulumiCloud {
  /** `METHOD /path` of all requests so far. */
  readonly requests: string[] = [];
  pack: PublishedPack | undefined;
  /** The archive of the pack that was uploaded. */
  archive: Buffer | undefined;
  /** The change of the policy group that was asked for. */
  policyGroup: { readonly addPolicyPack?: { readonly name: string; readonly versionTag: string } } | undefined;
  /** The packs that every preview has to load; the archive that was uploaded is what they hold. */
  requiredPolicies: readonly RequiredPolicy[] = [];
  /** The environments of Pulumi ESC, by name. */
  environments: Readonly<Record<string, EscEnvironment>> = {};
  #opened: EscEnvironment = {};
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void readBody(request).then((body) => {
        const answer = this.#answer(`${request.method} ${request.url}`, body);
        if (Buffer.isBuffer(answer)) return response.end(answer);
        response.setHeader("content-type", "application/json");
        return response.end(JSON.stringify(answer));
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
        return { capabilities: [{ capability: "stack-policy-packs", version: 1 }] };
      case "POST /api/orgs/acme/policypacks":
        this.pack = JSON.parse(body.toString()) as PublishedPack;
        return { version: 1, uploadURI: `${this.url}/upload`, requiredHeaders: {} };
      case "PUT /upload":
        this.archive = body;
        return {};
      case "PATCH /api/orgs/acme/policygroups/production":
        this.policyGroup = JSON.parse(body.toString()) as PulumiCloud["policyGroup"];
        return {};
      case "GET /archive":
        return this.archive;
      default:
        return this.#answerStack(request, body.toString());
    }
  }

  /** The stack `acme/program/dev`, which has no state: a preview is all that it can do. */
  #answerStack(request: string, body: string): unknown {
    const [method, url = ""] = request.split(" ");
    const [resource = ""] = url.split("?");
    if (resource.startsWith("/api/esc/environments/acme/yaml/open")) {
      if (method !== "POST") return { properties: mapValues(this.#opened, toEscValue) };
      const imported = Object.entries(this.environments).find(([name]) => body.includes(name));
      this.#opened = imported?.[1] ?? {};
      return { id: "opened" };
    }
    switch (resource) {
      case "/api/stacks/acme/program/dev":
        return { id: "1", orgName: "acme", projectName: "program", stackName: "dev", activeUpdate: "", version: 0 };
      case "/api/stacks/acme/program/dev/export":
        return { version: 3, deployment: null };
      case "/api/stacks/acme/program/dev/preview":
        return { updateID: "update", requiredPolicies: this.#required() };
      case "/api/stacks/acme/program/dev/policypacks":
        return { requiredPolicies: this.#required() };
      case "/api/stacks/acme/program/dev/update/update":
        return method === "GET" ? { status: "succeeded", events: [] } : { version: 0, token: "lease" };
      default:
        return {};
    }
  }

  #required(): object[] {
    const packLocation = `${this.url}/archive`;
    return this.requiredPolicies.map((pack) => ({ version: 1, displayName: pack.name, packLocation, ...pack }));
  }
}

function mapValues<Value, Result>(
  object: Record<string, Value>,
  map: (value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}

/** As ESC writes an object of texts. */
function toEscValue(texts: Record<string, string>): object {
  return { value: mapValues(texts, (value) => ({ value })) };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}
