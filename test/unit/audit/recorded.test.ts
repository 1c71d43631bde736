import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "mocha";
import { AuditError } from "../../../audit/audit-error";
import type { EvidenceSource } from "../../../audit/evidence-source";
import { eventsSource } from "../../../audit/read-events";
import { stateSource } from "../../../audit/read-state";
import { DYNAMIC_PROVIDERS } from "../../../core/resource-types";
import { ENCODINGS } from "../encodings";
import { at, failureOf, userToken, without } from "../support";
import { itemsOf, streamOf, urnOf, USER_TOKENS } from "./support";

const origin = { apiUrl: "https://api.motherduck.com", organization: "acme" };
const ada = { username: "ada", tokens: [userToken({ id: "a" })] };
const inputs = { ...ada, _provenance: { ...origin, fetchedAt: at(0) }, __provider: DYNAMIC_PROVIDERS[USER_TOKENS] };
const user = { ...ada, origin, fetchedAt: at(0) };
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A stack with one resource. */
function stateWith(resource: object, deployment: object = {}): EvidenceSource {
  const resources = [{ urn: urnOf("ada"), type: USER_TOKENS, inputs, ...resource }];
  return stateSource("state.json", streamOf(JSON.stringify({ version: 3, deployment: { resources, ...deployment } })));
}

interface Step {
  op?: string;
  provider?: string;
  name?: string;
  type?: string;
  inputs?: object | undefined;
}

const step = ({ op = "create", name = "ada", type = USER_TOKENS, provider, ...rest }: Step = {}) => ({
  resourcePreEvent: {
    metadata: {
      op,
      urn: urnOf(name, type),
      type,
      new: "inputs" in rest ? rest.inputs && { inputs: rest.inputs } : { inputs, provider },
    },
  },
});
const END = [{ summaryEvent: { isPreview: true, result: "succeeded" } }, { cancelEvent: {} }];
const FAILED = [{ summaryEvent: { isPreview: true, result: "failed" } }, { cancelEvent: {} }];
const BLOCKED = { policyEvent: { enforcementLevel: "mandatory" } };

function streamWith(...events: object[]): EvidenceSource {
  const lines = events.map((event, sequence) => JSON.stringify({ sequence, ...event }));
  return eventsSource("events.jsonl", streamOf(`${lines.join("\n")}\n`));
}

/** What kind of evidence the only item of a source is, and what is said where it is a failure. */
async function onlyItem(source: EvidenceSource): Promise<{ kind: string; message: string }> {
  const [item, ...others] = await itemsOf(source);
  assert.deepEqual(others, []);
  return { kind: item?.kind ?? "nothing", message: item?.kind === "failure" ? item.failure.message : "" };
}

/** Each of its bytes for itself: marks and characters come in pieces. */
const bytesOf = (text: string, encode: (text: string) => Buffer) => () =>
  Readable.from([...encode(text)].map((byte) => Buffer.from([byte])));

const STATE = JSON.stringify({
  version: 3,
  deployment: { resources: [{ urn: urnOf("é🦆"), type: USER_TOKENS, inputs }] },
});
const EVENTS = [step({ name: "é🦆" }), ...END]
  .map((event, sequence) => JSON.stringify({ sequence, ...event }))
  .join("\r\n");

describe("recorded evidence", () => {
  const read = { state: stateSource, events: eventsSource };

  for (const { title, encode } of ENCODINGS.read) {
    it(`is read as ${title}`, async () => {
      for (const [kind, text] of Object.entries({ state: STATE, events: EVENTS }) as ["state" | "events", string][]) {
        const items = await itemsOf(read[kind](kind, bytesOf(text, encode)));
        assert.deepEqual(items, [{ kind: "user", user, urn: urnOf("é🦆") }], kind);
      }
    });
  }

  for (const { title, encode, says } of ENCODINGS.refused) {
    it(`is refused, with the cause, as ${title}`, async () => {
      for (const [kind, text] of Object.entries({ state: STATE, events: EVENTS }) as ["state" | "events", string][]) {
        const { message } = await failureOf(() => itemsOf(read[kind](kind, bytesOf(text, encode))), AuditError);
        assert.match(message, new RegExp(`^${kind}: ${says.source}`), kind);
      }
    });
  }
});

describe("a stack's state", () => {
  it("gives the users of its resources, by their inputs", async () => {
    assert.deepEqual(await itemsOf(stateWith({ outputs: { tokens: [] } })), [
      { kind: "user", user, urn: urnOf("ada") },
    ]);
  });

  it("gives the time of reading, and no place, of an older version's resources", async () => {
    assert.deepEqual(await itemsOf(stateWith({ inputs: { ...ada, fetchedAt: at(-1) } })), [
      { kind: "user", user: { ...ada, fetchedAt: at(-1) }, urn: urnOf("ada") },
    ]);
  });

  // The engine is to stop keeping in outputs what inputs hold (pulumi/pulumi#24977).
  it("is read alike where the engine keeps inputs twice, and where it keeps them once", async () => {
    const expected = [{ kind: "user", user, urn: urnOf("ada") }];
    for (const outputs of [without(inputs, "_provenance"), {}, undefined]) {
      assert.deepEqual(await itemsOf(stateWith({ outputs })), expected);
    }
  });

  it("is not judged by outputs alone, which do not tell when they were read", async () => {
    const { kind, message } = await onlyItem(stateWith({ inputs: undefined, outputs: inputs }));
    assert.equal(kind, "failure");
    assert.match(message, /there is nothing to judge/);
  });

  it("tells whom ignoreChanges keeps", async () => {
    assert.deepEqual(await itemsOf(stateWith({ ignoreChanges: ["tokens", "*"] })), [
      { kind: "kept", name: "ada", urn: urnOf("ada"), path: "*" },
      { kind: "user", user, urn: urnOf("ada") },
    ]);
    assert.equal((await onlyItem(stateWith({ ignoreChanges: ["tokens"] }))).kind, "user");
  });

  for (const ignoreChanges of [null, "username", [1]]) {
    it(`is not judged, and says so, with ignoreChanges that no engine writes: ${JSON.stringify(ignoreChanges)}`, async () => {
      const { kind, message } = await onlyItem(stateWith({ ignoreChanges }));
      assert.equal(kind, "failure");
      assert.match(message, /^ada: there is nothing to judge: `ignoreChanges` is not a list of names\.$/);
    });
  }

  it("is not judged where it does not know whose tokens it holds: no update leaves that", async () => {
    const { kind, message } = await onlyItem(stateWith({ inputs: { username: UNKNOWN, tokens: UNKNOWN } }));
    assert.deepEqual([kind, /there is nothing to judge/.test(message)], ["failure", true]);
  });

  it("gives names as MotherDuck has them, also where the engine was given them unescaped", async () => {
    const tokens = ["n\\u001b[2J\\u000a", "n\u001b[2J\n", "\\u005cu000a"].map((name, id) =>
      userToken({ id: `${id}`, name }),
    );
    const [item] = await itemsOf(stateWith({ inputs: { ...inputs, username: "ada\\u001b", tokens } }));
    assert.ok(item?.kind === "user");
    assert.equal(item.user.username, "ada\u001b");
    assert.deepEqual(
      item.user.tokens.map(({ name }) => name),
      ["n\u001b[2J\n", "n\u001b[2J\n", "\\u000a"],
    );
  });

  it("gives every user of OrganizationTokens", async () => {
    const type = "pulumi-nodejs:dynamic/motherduck:OrganizationTokens";
    const users = ["ada", "bob"].map((username) => ({
      username,
      isServiceAccount: false,
      isDeprovisioned: false,
      tokens: [],
    }));
    const items = await itemsOf(stateWith({ type, inputs: { users, _provenance: inputs._provenance } }));
    assert.deepEqual(
      items.map((item) => item.kind === "user" && item.user.username),
      ["ada", "bob"],
    );
  });

  it("is not interested in other resources, nor in those that another one has replaced", async () => {
    assert.deepEqual(await itemsOf(stateWith({ type: "aws:s3/bucket:Bucket" })), []);
    assert.deepEqual(await itemsOf(stateWith({ delete: true })), []);
  });

  it("is judged where secrets are shown", async () => {
    const shown = { ...SECRET, plaintext: JSON.stringify(inputs.tokens) };
    assert.equal((await onlyItem(stateWith({ inputs: { ...inputs, tokens: shown } }))).kind, "user");
  });

  for (const { title, changed, says } of [
    {
      title: "ciphertext in place of tokens",
      changed: { tokens: { ...SECRET, ciphertext: "v1:x" } },
      says: /--show-secrets/,
    },
    { title: "`[secret]` in place of tokens", changed: { tokens: "[secret]" }, says: /`tokens` is a secret here/ },
    {
      title: "a secret username",
      changed: { username: { ...SECRET, ciphertext: "v1:x" } },
      says: /`username` is a secret/,
    },
    {
      title: "`[secret]` in place of the username",
      changed: { username: "[secret]" },
      says: /`username` is a secret/,
    },
    {
      title: "a secret that is shown, but cut off",
      changed: { tokens: { ...SECRET, plaintext: "[{" } },
      says: /is a secret here/,
    },
    { title: "no tokens", changed: { tokens: undefined }, says: /`tokens` is missing/ },
    {
      title: "tokens of another shape",
      changed: { tokens: [{ id: 1 }] },
      says: /not a list of tokens that this version knows/,
    },
  ]) {
    it(`is not judged with ${title}, and says so`, async () => {
      const { kind, message } = await onlyItem(stateWith({ inputs: { ...inputs, ...changed } }));
      assert.equal(kind, "failure");
      assert.match(message, says);
    });
  }

  it("is not whole where an update was interrupted", async () => {
    const pending = { pending_operations: [{ type: "creating", resource: { urn: urnOf("bi") } }] };
    const items = await itemsOf(stateWith({}, pending));
    assert.deepEqual([items.length, items[0]?.kind], [2, "user"]);
    assert.match(JSON.stringify(items[1]), /UserTokens::bi.*an update was interrupted here/);
    for (const none of [[], null]) {
      assert.equal((await onlyItem(stateWith({}, { pending_operations: none }))).kind, "user");
    }
  });

  it("reports a type that looks like ours and is not known", async () => {
    const { message } = await onlyItem(stateWith({ type: "motherduck:other:UserTokens" }));
    assert.match(message, /does not know resources of type motherduck:other:UserTokens/);
  });

  for (const { title, text, says } of [
    { title: "cut off", text: `{"version":3,"deployment":{"resou`, says: /may have been cut off/ },
    { title: "empty", text: "", says: /may have been cut off/ },
    { title: "another document", text: `{"steps":[]}`, says: /it has no deployment/ },
    { title: "null", text: "null", says: /it has no deployment/ },
    { title: "without a list of resources", text: `{"deployment":{"resources":{}}}`, says: /no list of resources/ },
    {
      title: "of resources without a type",
      text: `{"deployment":{"resources":[{"urn":"x"}]}}`,
      says: /no urn or no type/,
    },
    { title: "of nothing", text: `{"deployment":{"resources":[null]}}`, says: /no urn or no type/ },
  ]) {
    it(`is refused where it is ${title}`, async () => {
      const { message } = await failureOf(() => itemsOf(stateSource("state.json", streamOf(text))), AuditError);
      assert.match(message, /^state\.json: /);
      assert.match(message, says);
    });
  }

  it("may be of a stack without resources", async () => {
    assert.deepEqual(await itemsOf(stateSource("s", streamOf(`{"deployment":{"manifest":{}}}`))), []);
  });
});

describe("the engine's events", () => {
  it("give the users of the resources that the engine hands to policies", async () => {
    for (const op of ["create", "update", "same", "import", "import-replacement", "a step of a later version"]) {
      assert.deepEqual(
        await itemsOf(streamWith(step({ op }), ...END)),
        [{ kind: "user", user, urn: urnOf("ada") }],
        op,
      );
    }
  });

  it("are one a line, whatever separators stand within a text", async () => {
    const name = "a\u2028b\u2029c\u0085d";
    const tokens = [userToken({ id: "a", name })];
    const [item] = await itemsOf(streamWith(step({ inputs: { ...inputs, tokens } }), ...END));
    assert.equal(item?.kind, "user");
  });

  it("give a resource once, as its last step has it", async () => {
    const old = { ...inputs, tokens: [] };
    const events = ["delete-replaced", "replace", "create-replacement"].map((op) =>
      step({ op, inputs: op === "delete-replaced" ? old : inputs }),
    );
    assert.deepEqual(await itemsOf(streamWith(...events, ...END)), [{ kind: "user", user, urn: urnOf("ada") }]);
  });

  it("do not give what policies do not see: reads, deletions, what refresh found before", async () => {
    for (const op of ["read", "read-replacement", "delete", "refresh", "discard", "remove-pending-replace"]) {
      assert.deepEqual(await itemsOf(streamWith(step({ op, inputs: undefined }), ...END)), [], op);
    }
  });

  it("tell what is not known yet", async () => {
    const unknown = { username: UNKNOWN, tokens: UNKNOWN, _provenance: UNKNOWN };
    assert.deepEqual(await itemsOf(streamWith(step({ name: "later", inputs: unknown }), ...END)), [
      { kind: "unknown", name: "later", urn: urnOf("later") },
    ]);
  });

  it("tell what is known only in part as such", async () => {
    for (const part of [
      { ...ada, tokens: UNKNOWN },
      { ...ada, _provenance: UNKNOWN },
      { ...ada, username: UNKNOWN },
    ]) {
      const { kind, message } = await onlyItem(streamWith(step({ inputs: part }), ...END));
      assert.deepEqual([kind, /there is nothing to judge/.test(message)], ["failure", true]);
    }
  });

  it("tell that nobody was asked in a preview whose provider is not configured yet", async () => {
    const type = "pulumi:providers:motherduck-tokens";
    const provider = step({ name: "p", type, inputs: { apiUrl: UNKNOWN } });
    const resource = step({ provider: `${urnOf("p", type)}::${UNKNOWN}` });
    const { kind, message } = await onlyItem(streamWith(provider, resource, ...END));
    assert.equal(kind, "failure");
    assert.match(message, /the configuration of its provider is not known yet/);
    const known = step({ name: "p", type, inputs: { apiUrl: origin.apiUrl } });
    assert.equal((await onlyItem(streamWith(known, resource, ...END))).kind, "user");
    const odd = { ...resource.resourcePreEvent.metadata, new: { inputs, provider: 5 } };
    const events = streamWith(provider, { resourcePreEvent: { metadata: odd } }, ...END);
    assert.equal((await onlyItem(events)).kind, "user");
  });

  it("tell a step without a new state from a user without tokens", async () => {
    const { kind, message } = await onlyItem(streamWith(step({ inputs: undefined }), ...END));
    assert.deepEqual([kind, /`tokens` is missing/.test(message)], ["failure", true]);
  });

  it("tell the errors of the run, without the engine's colours, on one line", async () => {
    const message = "<{%reset%}>nobody: could not read\n  the tokens<{%reset%}>\n";
    const diagnosticEvent = { severity: "error", urn: urnOf("nobody"), message };
    assert.deepEqual((await itemsOf(streamWith(step(), { diagnosticEvent }, ...FAILED))).at(-1), {
      kind: "failure",
      failure: { subject: urnOf("nobody"), urn: urnOf("nobody"), message: "nobody: could not read the tokens" },
    });
  });

  it("do not take a preview that policies failed for one that could not be judged", async () => {
    const events = [
      step(),
      BLOCKED,
      { diagnosticEvent: { severity: "error", message: "<{%fg 1%}>preview failed<{%reset%}>\n" } },
      { diagnosticEvent: { severity: "warning", message: "something" } },
    ];
    assert.equal((await onlyItem(streamWith(...events, ...FAILED))).kind, "user");
  });

  for (const { title, events, says } of [
    { title: "failed silently", events: FAILED, says: /it failed, so/ },
    {
      title: "was an update that a policy blocked: it ends there",
      events: [BLOCKED, { summaryEvent: { isPreview: false, result: "failed" } }, { cancelEvent: {} }],
      says: /it was blocked by a policy, so/,
    },
    {
      title: "was canceled, also after a violation",
      events: [BLOCKED, { summaryEvent: { isPreview: true, result: "canceled" } }, { cancelEvent: {} }],
      says: /it was canceled, so/,
    },
    { title: "does not say how it ended", events: [{ summaryEvent: {} }, { cancelEvent: {} }], says: /it failed, so/ },
  ]) {
    it(`tell a run that ${title}`, async () => {
      const items = await itemsOf(streamWith(step(), ...events));
      assert.deepEqual([items.length, items[0]?.kind], [2, "user"]);
      assert.match(JSON.stringify(items[1]), says);
    });
  }

  for (const { title, text, says } of [
    { title: "are empty", text: "", says: /there are no events/ },
    {
      title: "are plain --json, pretty",
      text: `{\n  "steps": []\n}\n`,
      says: /PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true/,
    },
    {
      title: "are plain --json, on one line",
      text: `{"steps":[]}\n`,
      says: /PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true/,
    },
    { title: "are a list", text: `[]\n`, says: /not a stream of events/ },
    { title: "are text", text: `Previewing update (dev)\n`, says: /not a stream of events/ },
    { title: "have no end", text: `{"sequence":0}\n{"sequence":1}\n`, says: /no end \(line 2 is its last\)/ },
    { title: "end before the last event", text: `{"summaryEvent":{"result":"succeeded"}}\n`, says: /no end/ },
    { title: "have no summary", text: `{"cancelEvent":{}}\n`, says: /no end/ },
    { title: "are cut off within a line", text: `{"sequence":0}\n{"seq`, says: /:2: this line is not an event/ },
    {
      title: "are mixed with other output",
      text: `{"sequence":0}\nwarning: x\n`,
      says: /:2: this line is not an event/,
    },
    {
      title: "are the same stream twice",
      text: `{"summaryEvent":{}}\n{"cancelEvent":{}}\n`.repeat(2),
      says: /:3: a second run begins here/,
    },
    { title: "start anew", text: `{"sequence":5}\n{"sequence":0}\n`, says: /:2: a second run begins here/ },
  ]) {
    it(`are refused where they ${title}`, async () => {
      const { message } = await failureOf(() => itemsOf(eventsSource("events.jsonl", streamOf(text))), AuditError);
      assert.match(message, /^events\.jsonl:/);
      assert.match(message, says);
    });
  }
});
