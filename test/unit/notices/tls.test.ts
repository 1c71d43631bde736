import assert from "node:assert/strict";
import { createServer as createHttpsServer, type Server } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { afterEach, before, describe, it } from "mocha";
import type { Digest } from "../../../notices/notice";
import type { ChannelConfig } from "../../../policies/configuration/notify";
import { type Certificate, createAuthority, createCertificate } from "../../faults/certificates";
import { withFile } from "../../faults/run-fault";
import { startProxy } from "../../faults/servers";
import { MAIL_PASSWORD, type MailServer, type ServerTls, startMailServer } from "./mail-server";
import { sendInChild } from "./send-in-child";

const DIGEST: Digest = {
  ...{ channel: "c", owner: "ada@example.com", id: "0".repeat(32) },
  notices: [
    {
      ...{ kind: "expiring", days: 7, subject: "s", apiUrl: "https://api.example.com", organization: "" },
      ...{ username: "ada", tokenId: "t", message: "Token t of ada expires within 7 days." },
    },
  ],
};
/** How a handshake begins: the record's type, and the version's first byte. */
const TLS_HANDSHAKE = Buffer.from([0x16, 0x03]);
const NOT_ACCEPTED = (code: string) =>
  `its certificate was not accepted (${code}), so it got nothing. If its CA is your own, name the CA's file in NODE_EXTRA_CA_CERTS`;

describe("TLS to those who take notices", function () {
  this.timeout(60_000);
  let authority: Certificate;
  const servers: MailServer[] = [];
  const cleanUps: (() => unknown)[] = [];
  before(async () => {
    authority = await createAuthority();
  });
  afterEach(async () => {
    await Promise.all([...servers.splice(0).map((server) => server.stop()), ...cleanUps.splice(0).map((end) => end())]);
  });

  const start = async (tls: ServerTls) => {
    const server = await startMailServer(tls);
    servers.push(server);
    return server;
  };
  /** STARTTLS is what a channel gets that asks for nothing. */
  const channelTo = (port: number, tls: "starttls" | "implicit"): ChannelConfig => ({
    ...{ type: "smtp", host: "localhost", port, from: "tokens@example.com" },
    ...(tls === "implicit" && { tls }),
    ...{ user: "tokens", passwordVariable: "PASSWORD" },
  });
  /** @param trusts whether the process trusts the authority. */
  const send = (channels: readonly ChannelConfig[], trusts: boolean, env: NodeJS.ProcessEnv = {}) =>
    withFile(authority.cert, (file) =>
      sendInChild(channels, DIGEST, {
        PASSWORD: MAIL_PASSWORD,
        NODE_EXTRA_CA_CERTS: trusts ? file : "",
        ...env,
      }),
    );

  /** What a client writes to a port, as far as it can be read on the way. */
  async function tap(port: number) {
    const written: Buffer[] = [];
    const relay = createTcpServer((client) => {
      const server = connect(port, "127.0.0.1");
      client.on("data", (chunk: Buffer) => written.push(chunk)).pipe(server);
      server.pipe(client);
      for (const socket of [client, server]) socket.on("error", () => client.destroy() && server.destroy());
    });
    await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
    cleanUps.push(() => relay.close());
    const readable = () => {
      const all = Buffer.concat(written);
      const tls = all.indexOf(TLS_HANDSHAKE);
      return tls < 0 ? all.toString() : `${all.subarray(0, tls).toString()}(TLS)`;
    };
    return { port: (relay.address() as AddressInfo).port, readable };
  }

  it("is trusted by a CA that NODE_EXTRA_CA_CERTS names, from the start or with STARTTLS, and only then a password is sent", async () => {
    const certificate = await createCertificate("localhost", { authority });
    const [implicit, starttls] = [
      await start({ kind: "implicit", certificate }),
      await start({ kind: "starttls", certificate }),
    ];
    const wire = await tap(starttls.port);
    const channels = [channelTo(implicit.port, "implicit"), channelTo(wire.port, "starttls")];
    assert.deepEqual(await send(channels, true), ["sent", "sent"]);
    for (const { mails } of [implicit, starttls]) {
      assert.deepEqual(
        mails.map(({ to, secure, user }) => [to, secure, user]),
        [[["ada@example.com"], true, "tokens"]],
      );
    }
    assert.match(wire.readable(), /^EHLO \S+\r\nSTARTTLS\r\n\(TLS\)$/);
  });

  it("is refused where the certificate is not trusted, has expired or is for another name, whatever the environment says", async () => {
    const own = await createCertificate("localhost");
    const expired = await createCertificate("localhost", { authority, expired: true });
    const other = await createCertificate("other.example", { authority });
    const started: { server: MailServer; channel: ChannelConfig }[] = [];
    for (const kind of ["implicit", "starttls"] as const) {
      for (const certificate of [own, expired, other]) {
        const server = await start({ kind, certificate });
        started.push({ server, channel: channelTo(server.port, kind) });
      }
    }
    const refused = ["DEPTH_ZERO_SELF_SIGNED_CERT", "CERT_HAS_EXPIRED", "ERR_TLS_CERT_ALTNAME_INVALID"];
    for (const env of [{}, { NODE_TLS_REJECT_UNAUTHORIZED: "0" }]) {
      const channels = started.map(({ channel }) => channel);
      assert.deepEqual(await send(channels, true, env), [...refused, ...refused].map(NOT_ACCEPTED));
    }
    for (const { server } of started) assert.deepEqual([server.mails, server.passwords], [[], []]);
    const certificate = await createCertificate("localhost", { authority });
    const server = await start({ kind: "starttls", certificate });
    assert.deepEqual(await send([channelTo(server.port, "starttls")], false), [
      NOT_ACCEPTED("UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
    ]);
    assert.deepEqual([server.mails, server.passwords], [[], []]);
  });

  it("is needed: a server that has none gets neither a name nor a password", async () => {
    const server = await start("none");
    const [asking, assuming] = [await tap(server.port), await tap(server.port)];
    const results = await send([channelTo(asking.port, "starttls"), channelTo(assuming.port, "implicit")], true);
    assert.equal(results[0], "the mail server does not switch to TLS, so it got nothing (ETLS 500)");
    assert.match(results[1] ?? "", /^the mail server did not take it \(ERR_SSL_\w+\)$/);
    assert.match(asking.readable(), /^EHLO \S+\r\nSTARTTLS\r\n(QUIT\r\n)?$/);
    assert.equal(assuming.readable(), "(TLS)");
    assert.deepEqual([server.mails, server.passwords], [[], []]);
  });

  it("shows nothing of a password that is wrong", async () => {
    const server = await start({ kind: "implicit", certificate: await createCertificate("localhost", { authority }) });
    const results = await send([channelTo(server.port, "implicit")], true, { PASSWORD: "wrong-secret" });
    assert.deepEqual(results, ["the mail server did not take it (EAUTH 535)"]);
    assert.deepEqual([server.mails, server.passwords], [[], ["wrong-secret"]]);
  });

  it("keeps webhooks from a server whose certificate is not trusted, too", async () => {
    let requests = 0;
    const certificate = await createCertificate("localhost", { authority });
    const receiver: Server = createHttpsServer(certificate, (_request, response) => {
      requests += 1;
      response.end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    cleanUps.push(() => receiver.close());
    const env = { A_URL: `https://localhost:${(receiver.address() as AddressInfo).port}/`, NO_PROXY: "*" };
    const channels = [{ type: "slack", urlVariable: "A_URL" }] as const;
    const code = "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
    for (const more of [{}, { NODE_TLS_REJECT_UNAUTHORIZED: "0" }]) {
      assert.deepEqual(await send(channels, false, { ...env, ...more }), [NOT_ACCEPTED(code)]);
    }
    assert.equal(requests, 0);
    assert.deepEqual(await send(channels, true, env), ["sent"]);
    assert.equal(requests, 1);

    // Through a proxy, which sees neither the names nor the path, a secret.
    const proxy = await startProxy();
    cleanUps.push(() => proxy.stop());
    const through = { A_URL: `${env.A_URL}secret`, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: "" };
    assert.deepEqual(await send(channels, true, through), ["sent"]);
    assert.equal(requests, 2);
    assert.match(proxy.requests.join(), /^CONNECT localhost:\d+ HTTP\/1\.1\r\n/);
    assert.doesNotMatch(proxy.requests.join(), /secret|ada/);
  });
});
