import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import fc from "fast-check";
import { after, afterEach, before, describe, it } from "mocha";
import { Webhook } from "standardwebhooks";
import type { DeliveryError } from "../../../notices/channels/channel";
import { openChannel } from "../../../notices/channels/open";
import { slackMessage } from "../../../notices/channels/slack";
import { mailText } from "../../../notices/channels/smtp";
import { teamsMessage } from "../../../notices/channels/teams";
import { deliver } from "../../../notices/deliver";
import type { Digest, Notice } from "../../../notices/notice";
import { MAX_NOTICES } from "../../../notices/plan";
import { type ChannelConfig, isAddress } from "../../../policies/configuration/notify";
import { failureOf, without } from "../support";
import { type RawServer, startServer, trickle } from "../../faults/servers";
import { type MailServer, startMailServer } from "./mail-server";
import { QUICK, useReceiver } from "./support";

/** {@link QUICK}, with little time for a message. */
const BRIEF = { ...QUICK, deliverySeconds: 0.3 };
const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

const notice = (message: string): Notice => ({
  ...{ kind: "expiring", days: 7, subject: "s", apiUrl: "https://api.example.com", organization: "" },
  ...{ username: "ada", tokenId: "t", expireAt: "2026-01-08T00:00:00Z", message },
});
const digest = (fields: Partial<Digest> = {}): Digest => ({
  ...{ channel: "c", owner: "data", notices: [notice("Token t of ada expires within 7 days.")], id: "0".repeat(32) },
  ...fields,
});

describe("channels over https", () => {
  const receiver = useReceiver();
  const URL_PATH = "/services/T0/B0/very-secret";
  const open = (type: "slack" | "teams" | "webhook") => {
    const config = { type, urlVariable: "A_URL", ...(type === "webhook" && { secretVariable: "A_SECRET" }) };
    const env = { A_URL: `${receiver.url}${URL_PATH}`, A_SECRET: SECRET };
    return openChannel("c", config as ChannelConfig, env, QUICK);
  };
  const replies = (...statuses: readonly number[]) => {
    const left = [...statuses];
    receiver.received.length = 0;
    receiver.answer = () => ({ status: left.shift() ?? 200, headers: { location: "/elsewhere" } });
  };

  it("sends what a webhook's receiver can verify with Standard Webhooks", async () => {
    replies(204);
    await open("webhook")(digest());
    const [{ headers, body } = assert.fail()] = receiver.received;
    const verified = new Webhook(SECRET).verify(body, headers as Record<string, string>) as { id: string };
    assert.deepEqual(verified, JSON.parse(body));
    assert.equal(verified.id, headers["webhook-id"]);
    assert.throws(() => new Webhook(SECRET).verify(body.replace("ada", "eve"), headers as Record<string, string>));
    assert.match(body, /"owner":"data".*"kind":"expiring","days":7,.*"username":"ada"/);
  });

  it("tells a webhook a finding by its fingerprint, and that nobody owns it", async () => {
    replies(204);
    const found: Notice = { ...notice("tokens-must-expire"), kind: "finding", subject: "f".repeat(64) };
    await open("webhook")(without(digest({ notices: [found] }), "owner"));
    const body = JSON.parse(receiver.received[0]?.body ?? "") as { owner: unknown; notices: { fingerprint: string }[] };
    assert.deepEqual([body.owner, body.notices[0]?.fingerprint], [null, "f".repeat(64)]);
  });

  for (const type of ["slack", "teams"] as const) {
    it(`takes any 2xx of ${type} for accepted`, async () => {
      for (const status of [200, 202]) {
        replies(status);
        await open(type)(digest());
        assert.match(receiver.received[0]?.body ?? "", /Token t of ada/);
      }
    });
  }

  it("tries again where that may help, with the same identity", async () => {
    replies(503, 429, 200);
    await open("webhook")(digest());
    assert.deepEqual(
      receiver.received.map(({ headers }) => headers["webhook-id"]),
      Array(3).fill("0".repeat(32)),
    );
  });

  it("says why something was not accepted, whether the channel is down, and never the URL", async () => {
    const cases = [
      [[400], 1, false, "it answered 400"],
      [[404], 1, true, "it answered 404"],
      [[302], 1, true, "it answered 302, and redirects are not followed"],
      [[503, 503, 503], 3, true, "it answered 503"],
    ] as const;
    for (const [statuses, requests, isDown, message] of cases) {
      replies(...statuses);
      const error = await failureOf<DeliveryError>(() => open("slack")(digest()));
      assert.deepEqual([error.message, error.isDown, receiver.received.length], [message, isDown, requests]);
      assert.ok(!JSON.stringify([error, error.stack, error.cause]).includes("very-secret"));
    }
    receiver.answer = () => ({ status: 400, body: "invalid_blocks" });
    assert.equal((await failureOf(() => open("slack")(digest()))).message, "it answered 400 (invalid_blocks)");
    receiver.answer = () => ({ status: 400, body: `no such hook: ${URL_PATH}` });
    assert.equal((await failureOf(() => open("slack")(digest()))).message, "it answered 400");
    const nobody = openChannel(
      "c",
      { type: "slack", urlVariable: "U" },
      { U: "http://127.0.0.1:1/very-secret" },
      QUICK,
    );
    const error = await failureOf<DeliveryError>(() => nobody(digest()));
    assert.deepEqual([error.message, error.isDown], ["it did not answer (ECONNREFUSED)", true]);
  });

  describe("from a receiver that never ends its answer", () => {
    let slow: RawServer | undefined;
    afterEach(() => slow?.stop());
    const sendTo = async (answer: string) => {
      slow = await startServer(trickle(answer, " "));
      const env = { U: `http://127.0.0.1:${slow.port}/very-secret` };
      await openChannel("c", { type: "slack", urlVariable: "U" }, env, BRIEF)(digest());
    };

    it("takes a 2xx for accepted", async () => {
      await sendTo("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n");
      assert.equal(slow?.requests.length, 1);
    });

    for (const [what, answer, message] of [
      ["gives up within its headers", "HTTP/1.1 200 OK\r\nx-slow:", "it did not accept the message within 0.3 s"],
      [
        "knows a refusal by its status",
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 5000\r\n\r\ninvalid_blocks",
        "it answered 400",
      ],
    ] as const) {
      it(`${what}, and does not try again`, async () => {
        const error = await failureOf<DeliveryError>(() => sendTo(answer));
        assert.equal(error.message, message);
        assert.equal(slow?.requests.length, 1);
      });
    }
  });

  it("needs https but on loopback, and what it needs from the environment, before anything is sent", () => {
    const slack = { type: "slack", urlVariable: "U" } as const;
    for (const url of [
      "http://hooks.example.com/secret",
      "https://u:secret@example.com",
      "secret",
      "ftp://secret",
      "",
    ]) {
      assert.throws(
        () => openChannel("c", slack, { U: url }),
        (error: Error) => /^nothing was sent: .*\bU\b/.test(error.message) && !error.message.includes("secret"),
      );
    }
    const webhook = { type: "webhook", urlVariable: "U", secretVariable: "S" } as const;
    for (const S of [undefined, "short", "whsec_c2hvcnQ="]) {
      assert.throws(
        () => openChannel("c", webhook, { U: "https://example.com", S }),
        /^AuditError: nothing was sent: .*\bS\b/,
      );
    }
  });
});

describe("mail", () => {
  let server: MailServer;
  before(async () => {
    server = await startMailServer();
  });
  after(() => server.stop());
  const open = (fields: object = {}, env: NodeJS.ProcessEnv = {}) =>
    openChannel(
      "mail",
      { type: "smtp", host: "127.0.0.1", port: server.port, tls: "none", from: "tokens@example.com", ...fields },
      env,
    );

  it("goes to the owner's address, or to a fixed one, as plain text", async () => {
    await open()(digest({ owner: "ada@example.com" }));
    await open({ to: "all@example.com" })(digest());
    assert.deepEqual(
      server.mails.map(({ from, to }) => [from, to]),
      [
        ["tokens@example.com", ["ada@example.com"]],
        ["tokens@example.com", ["all@example.com"]],
      ],
    );
    const { text } = server.mails[0] ?? assert.fail();
    assert.match(text, /^Subject: MotherDuck tokens: 1 notice\r$/m);
    assert.match(text, /^Content-Type: text\/plain/m);
    assert.match(text, /^- Token t of ada expires within 7 days\.\r$/m);
    assert.match(text, /^Message-ID: <0{32}@/m);
  });

  it("is not sent to what is not one address, and says nothing secret of what was refused", async () => {
    server.mails.length = 0;
    for (const owner of [
      "data",
      "a@x.example, b@x.example",
      "a@x.example\r\nBcc: b@x.example",
      "A <a@x.example>",
      undefined,
    ]) {
      const one = digest();
      const to = { channel: one.channel, notices: one.notices, id: one.id, ...(owner !== undefined && { owner }) };
      const error = await failureOf<DeliveryError>(() => open()(to));
      assert.deepEqual([error.isDown, /is not an e-mail address/.test(error.message)], [false, true], owner);
    }
    server.refuses = true;
    const envelope = await failureOf<DeliveryError>(() => open()(digest({ owner: "a@x.example" })));
    assert.deepEqual([envelope.message, envelope.isDown], ["the mail server did not take it (EENVELOPE 550)", false]);
    server.refuses = false;
    assert.deepEqual(server.mails, []);
  });

  it("is given up after a while where the server never ends its answer", async () => {
    // A line of the greeting that has no end.
    const slow = createServer((socket) => {
      socket.on("error", () => undefined).write("220-");
      const drip = setInterval(() => socket.write(" "), 20);
      socket.on("close", () => clearInterval(drip));
    }).listen(0, "127.0.0.1");
    try {
      await once(slow, "listening");
      const { port } = slow.address() as AddressInfo;
      const mail = { type: "smtp", host: "127.0.0.1", port, tls: "none", from: "tokens@example.com" } as const;
      const error = await failureOf<DeliveryError>(() =>
        openChannel("mail", mail, {}, BRIEF)(digest({ owner: "ada@example.com" })),
      );
      assert.deepEqual([error.message, error.isDown], ["it did not accept the message within 0.3 s", true]);
    } finally {
      slow.close();
    }
  });
});

describe("a fault that is none of a channel's", () => {
  it("ends the run: nothing is recorded that was not accepted, and nothing else is sent", async () => {
    const recorded: Digest[] = [];
    const broken = new TypeError("a mistake of ours");
    const sent: string[] = [];
    const channels = new Map([
      ["fine", ({ id }: Digest) => Promise.resolve(void sent.push(id))],
      ["broken", () => Promise.reject(broken)],
    ]);
    const digests = ["fine", "broken", "fine"].map((channel, n) => digest({ channel, id: String(n) }));
    const record = (one: Digest) => Promise.resolve(void recorded.push(one));
    const error = await failureOf(async () => {
      for await (const { failure } of deliver(digests, channels, record)) assert.equal(failure, undefined);
    });
    assert.equal(error, broken);
    assert.deepEqual([sent, recorded.map(({ id }) => id)], [["0"], ["0"]]);
  });
});

describe("hostile names", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary", maxLength: 400 }),
    fc.constantFrom(
      "<!channel>",
      "<@U1>",
      "@here",
      "<https://evil.example|click>",
      "*b*",
      "[x](https://evil.example)",
      "<at>all</at>",
      "a\r\nBcc: x@y.example",
      "www.evil.example",
      "\u202egnp.exe",
    ),
  );

  it("cannot format, mention, link or add lines in any channel", () => {
    fc.assert(
      fc.property(hostile, hostile, (name, owner) => {
        const one = digest({ owner, notices: [notice(name)] });
        const slack = slackMessage(one) as { text: string; blocks: { text: { type: string; text: string } }[] };
        const teams = teamsMessage(one) as {
          attachments: {
            content: { body: { type: string; text?: string; inlines?: { type: string; text: string }[] }[] };
          }[];
        };
        const [{ content } = assert.fail()] = teams.attachments;
        // Where text has effects, there is no name.
        assert.equal(slack.text, "MotherDuck tokens: 1 notice");
        assert.ok(slack.blocks.every(({ text }) => text.type === "plain_text"));
        const [headline, ...rest] = content.body;
        assert.deepEqual([headline?.type, headline?.text], ["TextBlock", "MotherDuck tokens: 1 notice"]);
        const runs = rest.flatMap(({ type, inlines = [] }) => (type === "RichTextBlock" ? inlines : assert.fail()));
        assert.ok(runs.every(({ type }) => type === "TextRun"));
        assert.equal(JSON.stringify(teams).includes("msteams"), `${name}${owner}`.includes("msteams"));
        const mail = mailText(one);
        assert.equal(mail.split("\n").length, 4);
        const texts = [...slack.blocks.map(({ text }) => text.text), ...runs.map(({ text }) => text), mail];
        for (const text of texts) assert.doesNotMatch(text, /:\/\/|\bwww\.|[^\P{Cc}\n]|\u202e/iu);
      }),
      { numRuns: 300 },
    );
  });

  it("keep the largest message within what Slack and Teams take", () => {
    for (const text of ["*".repeat(500), '"'.repeat(500), "語".repeat(500), "\u0000".repeat(500)]) {
      const one = digest({ owner: text, notices: Array.from({ length: MAX_NOTICES }, () => notice(text)) });
      assert.ok(Buffer.byteLength(JSON.stringify(teamsMessage(one))) < 28 * 1024, text[0]);
      const { blocks } = slackMessage(one) as { blocks: { text: { text: string } }[] };
      assert.ok(blocks.length <= 50 && blocks.every(({ text: { text: part } }) => part.length <= 3000));
    }
  });

  it("are no addresses unless they are one, and nothing else", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          hostile,
          fc.tuple(hostile, hostile).map((parts) => parts.join("@")),
        ),
        (text) => {
          if (isAddress(text)) assert.match(text, /^[^\s<>,;:"()\\@]+@[a-z\d.-]+$/i);
        },
      ),
    );
    assert.ok(isAddress("ada.lovelace+etl@data.example.com"));
  });
});
