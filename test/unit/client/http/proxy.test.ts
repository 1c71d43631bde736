import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import { SettingsError } from "../../../../client/errors";
import { findProxy, nameOfProxy } from "../../../../client/http/proxy";
import { DEFAULT_SETTINGS } from "../../../../client/settings";
import { type Certificate, createAuthority, createCertificate } from "../../../faults/certificates";
import { readInChild } from "../../../faults/read-in-child";
import { TOKEN, withFile } from "../../../faults/run-fault";
import { type RawServer, send, startProxy, startServer } from "../../../faults/servers";
import { assertHidden, FAST, failureOf, settingsFor, useStandIn } from "../../support";
import { createReader } from "../../../../client/reader";

const VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]);
const API = "https://api.motherduck.com";
const BODY = `{"tokens":[]}`;
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;

describe("proxies", () => {
  const saved = VARIABLES.map((name) => [name, process.env[name]] as const);
  const clear = () => VARIABLES.forEach((name) => delete process.env[name]);

  before(clear);
  afterEach(clear);
  after(() => {
    for (const [name, value] of saved) if (value !== undefined) process.env[name] = value;
  });

  describe("findProxy", () => {
    const find = (env: NodeJS.ProcessEnv, url = API) => {
      Object.assign(process.env, env);
      const proxy = findProxy(url);
      return proxy && nameOfProxy(proxy);
    };
    const P = "http://proxy.example:3128";

    for (const { title, env, url, expected } of [
      { title: "none without a variable", env: {}, expected: undefined },
      { title: "HTTPS_PROXY", env: { HTTPS_PROXY: P }, expected: P },
      { title: "https_proxy", env: { https_proxy: P }, expected: P },
      { title: "ALL_PROXY", env: { ALL_PROXY: P }, expected: P },
      {
        title: "one that is https itself",
        env: { HTTPS_PROXY: "https://proxy.example" },
        expected: "https://proxy.example",
      },
      { title: "one without a scheme, as http", env: { HTTPS_PROXY: "proxy.example:3128" }, expected: P },
      {
        title: "one without its user and password in the name",
        env: { HTTPS_PROXY: "http://a:b@proxy.example" },
        expected: "http://proxy.example",
      },
      {
        title: "none for a host in NO_PROXY",
        env: { HTTPS_PROXY: P, NO_PROXY: "x,api.motherduck.com" },
        expected: undefined,
      },
      {
        title: "none for a domain in no_proxy",
        env: { HTTPS_PROXY: P, no_proxy: ".motherduck.com" },
        expected: undefined,
      },
      {
        title: "one for a host that is not in NO_PROXY",
        env: { HTTPS_PROXY: P, NO_PROXY: "motherduck.com" },
        expected: P,
      },
      { title: "none for any host with NO_PROXY=*", env: { HTTPS_PROXY: P, NO_PROXY: "*" }, expected: undefined },
      { title: "not HTTP_PROXY", env: { HTTP_PROXY: P }, expected: undefined },
      {
        title: "none for http on loopback",
        env: { HTTP_PROXY: P, HTTPS_PROXY: P, ALL_PROXY: P },
        url: "http://127.0.0.1:1",
        expected: undefined,
      },
    ]) {
      it(`finds ${title}`, () => assert.equal(find(env, url), expected));
    }

    for (const value of [
      "socks5://u:s3cr3t@md.example",
      "http://",
      "http://u:s3cr3t@:port",
      "http://u:s3cr3t%@md.example",
    ]) {
      it(`refuses ${value}`, async () => {
        const error = await failureOf(() => find({ HTTPS_PROXY: value }), SettingsError);
        assert.match(error.message, /^the proxy in HTTPS_PROXY or ALL_PROXY is not an http or https URL\. Set it to/);
        assertHidden(error, "s3cr3t");
      });
    }
  });

  describe("http on loopback", () => {
    const api = useStandIn();

    it("goes through none, whatever the environment says", async () => {
      const proxy = await startServer(send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"));
      for (const name of VARIABLES.filter((name) => !/^no_/i.test(name))) {
        process.env[name] = `http://127.0.0.1:${proxy.port}`;
      }
      const { tokens } = await createReader(settingsFor(api.standIn), FAST).read("ada");
      await proxy.stop();
      assert.deepEqual([tokens.length, proxy.requests], [2, []]);
    });
  });

  // Each in a process of its own.
  describe("https", () => {
    let authority: Certificate;
    let api: RawServer;
    let proxy: RawServer | undefined;

    before(async () => {
      authority = await createAuthority();
      api = await startServer(send(ANSWER), await createCertificate("api.example", { authority }));
    });
    afterEach(async () => {
      api.requests.length = 0;
      await proxy?.stop();
      proxy = undefined;
    });
    after(() => api.stop());

    const settingsOf = (apiUrl: string) => {
      return { ...DEFAULT_SETTINGS, apiToken: TOKEN, apiTokenSource: "MOTHERDUCK_ADMIN_TOKEN", apiUrl };
    };

    /** Reads users' tokens in a process that trusts the authority. */
    function read(usernames: string[], env: NodeJS.ProcessEnv, concurrency = 16) {
      const settings = { ...settingsOf(`https://api.example:${api.port}`), concurrency };
      return withFile(authority.cert, (file) =>
        readInChild(settings, usernames, { ...env, NODE_EXTRA_CA_CERTS: file }),
      );
    }

    it("goes through a tunnel, in which the token stays", async () => {
      proxy = await startProxy();
      const { results } = await read(["ada"], { HTTPS_PROXY: `http://ada:p%40ss@127.0.0.1:${proxy.port}` });
      assert.deepEqual((results[0] as { tokens: unknown }).tokens, [], JSON.stringify(results));
      assert.equal(proxy.requests.length, 1);
      const [connect = ""] = proxy.requests;
      assert.match(
        connect,
        new RegExp(`^CONNECT api\\.example:${api.port} HTTP/1\\.1\r\nhost: api\\.example:${api.port}\r\n`),
      );
      assert.match(connect, new RegExp(`proxy-authorization: Basic ${btoa("ada:p@ss")}\r\n`));
      assert.ok(!connect.includes(TOKEN));
      assert.match(api.requests[0] ?? "", new RegExp(`authorization: Bearer ${TOKEN}\r\n`, "i"));
      assert.doesNotMatch(api.requests[0] ?? "", /proxy-authorization/i);
    });

    it("goes through a proxy that is https itself", async () => {
      proxy = await startProxy(await createCertificate("localhost", { authority }));
      const { results } = await read(["ada"], { https_proxy: `https://localhost:${proxy.port}` });
      assert.deepEqual((results[0] as { tokens: unknown }).tokens, [], JSON.stringify(results));
      assert.equal(proxy.requests.length, 1);
    });

    it("keeps its tunnels, no more of them than `concurrency` allows", async () => {
      proxy = await startProxy();
      const usernames = ["a", "b", "c", "d", "e", "f", "g", "h"];
      const { results } = await read(usernames, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }, 2);
      assert.deepEqual(
        [results.length, api.requests.length, proxy.requests.length],
        [8, 8, 2],
        JSON.stringify(results),
      );
    });

    describe("with NODE_TLS_REJECT_UNAUTHORIZED=0", () => {
      const INSECURE = { NODE_TLS_REJECT_UNAUTHORIZED: "0", NO_PROXY: "" };
      let server: RawServer;

      before(async () => {
        server = await startServer(send(ANSWER), await createCertificate("localhost", { authority }));
      });
      after(() => server.stop());

      for (const [title, start, scheme] of [
        ["goes to no server whose certificate is not trusted", undefined, undefined],
        ["goes to no such server through a tunnel", () => startProxy(), "http"],
        [
          "goes to no proxy whose certificate is not trusted",
          async () => startProxy(await createCertificate("localhost", { authority })),
          "https",
        ],
      ] as const) {
        it(title, async () => {
          proxy = await start?.();
          const through = proxy && { HTTPS_PROXY: `${scheme}://u:secret@localhost:${proxy.port}` };
          const env = { ...INSECURE, ...through };
          const { results } = await readInChild(settingsOf(`https://localhost:${server.port}`), ["ada"], env);
          assert.match(String(results[0]), /NetworkError.*UNABLE_TO_VERIFY_LEAF_SIGNATURE.*NODE_EXTRA_CA_CERTS/s);
          assert.deepEqual(server.requests, []);
          if (scheme === "https") assert.deepEqual(proxy?.requests, []);
        });
      }
    });
  });
});
