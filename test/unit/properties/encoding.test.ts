import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { createReader } from "../../../client/reader";
import { resolveSettings } from "../../../client/settings";
import { FAST, settingsFor, useStandIn, wireToken } from "../support";

const username = fc
  .oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }),
    fc.string({
      unit: fc.constantFrom("/", "\\", ".", "%", "2", "F", "e", "?", "#", " ", "+", ";", "@", "\n"),
      minLength: 1,
    }),
    fc.constantFrom("a/b", "a%2Fb", "ü", "🦆", "..x", "a b", "__proto__", "constructor"),
  )
  .filter((name) => name.trim() !== "" && name !== "." && name !== ".." && [...name].length <= 255);

describe("whatever a user is called", () => {
  const api = useStandIn();

  it("the server is asked for exactly that name, as one segment of the path", async () => {
    await fc.assert(
      fc.asyncProperty(username, async (name) => {
        api.standIn.users = Object.fromEntries([[name, [wireToken("theirs")]]]);
        const { tokens } = await createReader(settingsFor(api.standIn), FAST).read(name);
        assert.deepEqual(
          tokens.map(({ id }) => id),
          ["theirs"],
        );
        const [, v1, users, segment = "", last, ...more] = api.standIn.requests.at(-1)?.url.split("/") ?? [];
        assert.deepEqual([v1, users, decodeURIComponent(segment), last, more], ["v1", "users", name, "tokens", []]);
      }),
    );
  });
});

describe("whatever the base URL is", () => {
  const resolve = (apiUrl: string) => resolveSettings((key) => ({ apiUrl })[key], { MOTHERDUCK_TOKEN: "t" }).apiUrl;

  it("it is refused, or it is https (or http on loopback) and nothing but an origin and a path", () => {
    const parts = fc.tuple(
      fc.constantFrom("https://", "http://", "HTTPS://", "ftp://", "//", ""),
      fc.constantFrom("", "ada@", "ada:s3cr3t@", ":@"),
      fc.oneof(
        fc.domain(),
        fc.constantFrom("127.0.0.1", "127.1", "[::1]", "localhost", "localhost.example", "0x7f.1", ""),
      ),
      fc.constantFrom("", ":443", ":8080", ":0", ":99999"),
      fc.oneof(fc.webPath(), fc.constantFrom("/", "//", "/a/../b", "/%2e%2e")),
      fc.constantFrom("", "?", "?a=s3cr3t", "#", "#s3cr3t", " ", "\t"),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          parts.map((p) => p.join("")),
        ),
        (text) => {
          let resolved: string;
          try {
            resolved = resolve(text);
          } catch (error) {
            assert.ok((error as Error).message.startsWith("motherduck-tokens:apiUrl "));
            assert.ok(!(error as Error).message.includes("s3cr3t"));
            return;
          }
          const { protocol, hostname, username: user, password, search, hash, pathname } = new URL(resolved);
          assert.deepEqual([user, password, search, hash], ["", "", "", ""]);
          assert.ok(protocol === "https:" || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname), resolved);
          assert.ok(!resolved.endsWith("/"), resolved);
          // What was settled once stays as it is.
          assert.equal(resolve(resolved), resolved);
          assert.equal(new URL(text).pathname.replace(/\/+$/, ""), pathname.replace(/\/+$/, ""));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
