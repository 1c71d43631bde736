import { writeFileSync } from "node:fs";
import path from "node:path";
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import { PACK, type Sandbox } from "../../tools/sandbox";
import { type Certificate, createAuthority, createCertificate } from "../faults/certificates";
import {
  type Behaviour,
  type RawServer,
  send,
  sendAndClose,
  sendAndReset,
  startProxy,
  startServer,
  trickle,
} from "../faults/servers";
import { assertFails, assertOk, Lab } from "./support";

const JSON_OK = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

/** Faults of the network that users meet; all of them, with their messages, are in `docs/faults.md`. */
describe("a fault of the network", () => {
  let lab: Lab;
  let stack: Sandbox;
  let authority: Certificate;
  let caFile: string;
  let server: RawServer | undefined;
  let proxy: RawServer | undefined;

  before(async () => {
    lab = await Lab.start();
    stack = await lab.program(`new md.UserTokens("ada", { username: "ada" });`, {
      config: { "motherduck-tokens:maxAttempts": "2" },
    });
    authority = await createAuthority();
    caFile = path.join(stack.project, "ca.pem");
    writeFileSync(caFile, authority.cert);
  });
  afterEach(async () => {
    await server?.stop();
    await proxy?.stop();
    server = proxy = undefined;
  });
  after(() => lab.stop());

  /** @param seconds that an attempt has. Only what runs out of time needs few: the machine may be busy. */
  const previewIn = (env: Record<string, string>, seconds = 30) => {
    const setting = `motherduck-tokens:attemptTimeoutSeconds=${seconds}`;
    return stack.pulumi(["preview", "--policy-pack", PACK, "--config", setting], { env });
  };

  /** Previews against a server that behaves like this; over TLS, as `localhost`, where it has a certificate. */
  async function previewWith(
    behaviour: Behaviour,
    { certificate, env = {}, seconds }: { certificate?: Certificate; env?: Record<string, string>; seconds?: number },
  ) {
    server = await startServer(behaviour, certificate);
    const url = certificate ? `https://localhost:${server.port}` : `http://127.0.0.1:${server.port}`;
    return previewIn({ MOTHERDUCK_API_URL: url, ...env }, seconds);
  }

  for (const { title, behaviour, seconds = 30, says, requests } of [
    {
      title: "a body that never ends",
      behaviour: trickle(`${JSON_OK}content-length: 5000\r\n\r\n{"tokens":[`, " "),
      seconds: 0.5,
      says: [
        "no complete answer in time",
        "(ETIMEDOUT: no complete answer within 0.5 s)",
        "if the API is just slow, raise motherduck-tokens:attemptTimeoutSeconds.",
      ],
      requests: 1,
    },
    {
      title: "a connection that is reset in the body",
      behaviour: sendAndReset(`${JSON_OK}content-length: 5000\r\n\r\n{"tokens":[`),
      says: ["ECONNRESET: the answer broke off", "Check the network, the proxy and the base URL"],
      requests: 2,
    },
    {
      title: "chunks without the last one",
      behaviour: sendAndClose(`${JSON_OK}transfer-encoding: chunked\r\n\r\nd\r\n{"tokens":[]}\r\n`),
      says: ["ECONNRESET: the answer broke off"],
      requests: 2,
    },
  ]) {
    it(`stops the preview with one message: ${title}`, async () => {
      const result = await previewWith(behaviour, { seconds });
      assertFails(result, `could not read the tokens of user "ada"`, ...says);
      assert.doesNotMatch(result.output, /✅/);
      assert.equal(server?.requests.length, requests);
    });
  }

  it("stops the preview where the host's name does not exist", async () => {
    const result = await previewIn({ MOTHERDUCK_API_URL: "https://api.invalid" });
    // Which of the two depends on whether the machine has a DNS server.
    assertFails(result, /no answer from https:\/\/api\.invalid \((ENOTFOUND|EAI_AGAIN): getaddrinfo/);
  });

  it("stops the preview where the certificate is not trusted, whatever NODE_TLS_REJECT_UNAUTHORIZED says, and sends nothing", async () => {
    const certificate = await createCertificate("localhost", { authority });
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: "0" };
    const result = await previewWith(send(), { certificate, env });
    assertFails(result, "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "name its file in NODE_EXTRA_CA_CERTS");
    assert.deepEqual(server?.requests, []);
  });

  it("is none with the CA in NODE_EXTRA_CA_CERTS, and through a proxy, which does not see the token", async () => {
    const body = `{"tokens":[]}`;
    proxy = await startProxy();
    const certificate = await createCertificate("localhost", { authority });
    const env = { NODE_EXTRA_CA_CERTS: caFile, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: "" };
    const answer = send(`${JSON_OK}content-length: ${body.length}\r\n\r\n${body}`);
    const result = await previewWith(answer, { certificate, env });
    assertOk(result);
    assert.equal(server?.requests.length, 1);
    const seen = proxy.requests.join("");
    assert.match(seen, /^CONNECT localhost:/);
    assert.ok(!seen.includes(lab.api.token));
  });
});
