import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { SentNotice } from "../../../notices/notice";
import { MAX_NOTICES } from "../../../notices/plan";
import { day, finding, token } from "../history/support";
import { failureOf, waiver, without } from "../support";
import { brief, briefs, ONE, plan, sentBy } from "./support";

const SECOND = 1 / 86_400;

/** What is due about a token that expires after so many days. */
const dueWithLeft = (left: number) =>
  briefs(plan({ now: 0, users: { ada: [token("t", { expireAt: day(left) })] } }))[0]?.replace(" ada t", "");

describe("what owners are told", () => {
  it("is the smallest threshold that a token has reached, and that it expired", () => {
    const expected = [
      [30 + SECOND, undefined],
      [30, "expiring 30"],
      [14 + SECOND, "expiring 30"],
      [14, "expiring 14"],
      [7 + SECOND, "expiring 14"],
      [7, "expiring 7"],
      [3 + SECOND, "expiring 7"],
      [3, "expiring 3"],
      [1 + SECOND, "expiring 3"],
      [1, "expiring 1"],
      [SECOND, "expiring 1"],
      [0, "expired"],
      [-400, "expired"],
    ] as const;
    for (const [left, due] of expected) assert.equal(dueWithLeft(left), due, String(left));
    assert.deepEqual(plan({ now: 0, users: { ada: [token("t"), token("u", { expireAt: "soon" })] } }), []);
  });

  it("never goes back to a larger threshold, and says nothing twice", () => {
    const users = { ada: [token("t", { expireAt: day(30) })] };
    const first = plan({ now: 25, users });
    assert.deepEqual(briefs(first), ["expiring 7 ada t"]);
    for (const now of [0, 20, 25, 26]) assert.deepEqual(plan({ now, users }, { sent: sentBy(first) }), [], String(now));
    assert.deepEqual(briefs(plan({ now: 28, users }, { sent: sentBy(first) })), ["expiring 3 ada t"]);
  });

  it("begins again where the expiry changed, and where a channel is new", () => {
    const sent = sentBy(plan({ now: 0, users: { ada: [token("t", { expireAt: day(2) })] } }));
    const later = { ada: [token("t", { expireAt: day(20) })] };
    assert.deepEqual(briefs(plan({ now: 0, users: later }, { sent })), ["expiring 30 ada t"]);
    const two = { channels: { ...ONE.channels, b: ONE.channels.a! }, fallback: ["a", "b"] };
    const digests = plan({ now: 0, users: { ada: [token("t", { expireAt: day(2) })] } }, { sent, notify: two });
    assert.deepEqual(
      digests.map(({ channel }) => channel),
      ["b"],
    );
  });

  it("is that a token is gone, only of tokens that were spoken of, and only where somebody looked", () => {
    const [t, u] = [token("t", { expireAt: day(20) }), token("u", { expireAt: day(90) })];
    const sent = sentBy(plan({ now: 0, users: { ada: [t, u], bob: [] } }));
    const due = (run: Parameters<typeof plan>[0]) => briefs(plan(run, { sent }));
    assert.deepEqual(due({ now: 1, users: { ada: [] } }), ["gone ada t"]);
    assert.deepEqual(due({ now: 1, users: { ada: [t] } }), []);
    // Not read, or another selection, or other evidence.
    assert.deepEqual(
      due({ now: 1, users: { bob: [] }, failures: [{ subject: "ada", username: "ada", message: "500" }] }),
      [],
    );
    assert.deepEqual(
      due({ now: 1, users: { ada: [] }, failures: [{ subject: "ada", username: "ada", message: "500" }] }),
      [],
    );
    assert.deepEqual(due({ now: 1, users: { bob: [] }, failures: [{ subject: "eve", message: "500" }] }), []);
    assert.deepEqual(due({ now: 1, users: { bob: [] }, header: { scope: "selection" } }), []);
    assert.deepEqual(due({ now: 1, users: { bob: [] }, source: { kind: "state", name: "-" } }), []);
    assert.deepEqual(due({ now: 1, users: { ada: [] }, organization: "other" }), []);
    // Everybody was listed, and the user is not there.
    const gone = plan({ now: 1, users: { bob: [] } }, { sent });
    assert.deepEqual(briefs(gone), ["gone ada t"]);
    assert.match(gone[0]?.notices[0]?.message ?? "", /^Token "t" \(t\) of ada is not there any more: .*2026-01-21/);
    assert.deepEqual(plan({ now: 2, users: { bob: [] } }, { sent: [...sent, ...sentBy(gone)] }), []);
    // It came back: what is due later is due.
    assert.deepEqual(briefs(plan({ now: 10, users: { ada: [t] } }, { sent: [...sent, ...sentBy(gone)] })), [
      "expiring 14 ada t",
    ]);
  });

  it("names the organization, and a token without a name by its id", () => {
    const nameless = without(token("t", { expireAt: day(5) }), "name");
    const run = { now: 0, organization: "acme", users: { ada: [nameless] } };
    const due = plan(run);
    const [notice = assert.fail()] = due[0]?.notices ?? [];
    assert.match(notice.message, /^Token t of ada expires within 5 days/);
    assert.equal(notice.organization, "acme");
    const gone = plan({ ...run, now: 1, users: { bob: [] } }, { sent: sentBy(due) });
    assert.deepEqual([briefs(gone), gone[0]?.notices[0]?.organization], [["gone ada t"], "acme"]);
  });

  it("is each finding once, but for those that are waived or known", () => {
    const findings = [
      finding("ada", "t"),
      finding("ada", "u", { waiver: waiver() }),
      finding("ada", "v", { isKnown: true }),
      finding("ada", "w", { isKnown: false }),
    ];
    const run = {
      now: 0,
      users: { ada: { tokens: [token("t")], findings } },
      findings: [
        finding("", undefined, { rule: "inventory-covered" }),
        finding("", undefined, { rule: "waiver-hygiene", isKnown: true }),
      ],
    };
    const digests = plan(run);
    assert.deepEqual(briefs(digests).sort(), ["finding ", "finding ada t", "finding ada w"]);
    assert.deepEqual(plan(run, { sent: sentBy(digests) }), []);
  });

  it("does not repeat as a finding what a notice about an expiry says", () => {
    const about = (rule: string, expireAt: string) => ({
      now: 0,
      users: { ada: { tokens: [token("t", { expireAt })], findings: [finding("ada", "t", { rule })] } },
    });
    assert.deepEqual(briefs(plan(about("token-expiring-soon", day(5)))), ["expiring 7 ada t"]);
    assert.deepEqual(briefs(plan(about("no-expired-tokens", day(-5)))), ["expired ada t"]);
    assert.deepEqual(briefs(plan(about("token-expiring-soon", "soon"))), ["finding ada t"]);
  });
});

describe("whom owners' notices go to", () => {
  const channel = ONE.channels.a!;
  const notify = {
    channels: { data: channel, ml: channel, admins: channel },
    routes: [
      { owner: "data-*", channels: ["data"] },
      { owner: "data-ml", channels: ["ml", "data"] },
    ],
    fallback: ["admins"],
  };
  const owners = { users: { etl: "data-platform", model: "data-ml", web: "web" }, email: false };
  const run = {
    now: 0,
    users: Object.fromEntries(
      ["etl", "model", "web", "eve"].map((name) => [name, [token(name, { expireAt: day(1) })]]),
    ),
  };

  it("is the most specific route's channels, else the fallback, one message for each owner and channel", () => {
    const whom = plan(run, { notify, owners }).map((digest) => [
      digest.channel,
      digest.owner,
      ...digest.notices.map(brief),
    ]);
    assert.deepEqual(whom, [
      ["data", "data-platform", "expiring 1 etl etl"],
      ["ml", "data-ml", "expiring 1 model model"],
      ["data", "data-ml", "expiring 1 model model"],
      ["admins", "web", "expiring 1 web web"],
      ["admins", undefined, "expiring 1 eve eve"],
    ]);
  });

  it("is nobody, with an error, where there is neither a route nor a fallback", async () => {
    const routed = without(notify, "fallback");
    const error = await failureOf(() => plan(run, { notify: routed, owners }));
    assert.match(error.message, /^nothing was sent: the owner "web" has no route\. Add one to notify\.routes/);
    const nobodys = await failureOf(() => plan({ ...run, users: { eve: run.users.eve ?? [] } }, { notify: routed }));
    assert.match(nobodys.message, /^nothing was sent: what nobody owns has no route\./);
  });

  it("is found as the audit finds owners: also by e-mail and by description, whose encoding is undone", () => {
    const user = (fields: object) => ({ tokens: [token("t", { expireAt: day(1), ...fields })] });
    const users = {
      ada: { ...user({}), email: "ada@example.com" },
      bob: { ...user({ description: "owner: a\\u200bb" }), email: "bob@example.com" },
      eve: {
        ...user({}),
        findings: [finding("eve", "t", { tokenName: "nightly" }), finding("eve")],
        email: "e@x.example",
      },
    };
    const digests = plan({ now: 0, users }, { owners: { descriptionPattern: "owner: (.*)" } });
    assert.deepEqual(
      digests.map(({ owner, notices }) => [owner, ...notices.map(brief)]),
      [
        ["ada@example.com", "expiring 1 ada t"],
        ["a\u200bb", "expiring 1 bob t"],
        ["e@x.example", "expiring 1 eve t", "finding eve t", "finding eve"],
      ],
    );
    assert.equal(digests[2]?.notices[1]?.tokenName, "nightly");
  });

  it("is told about a token that is gone over the channels that spoke of it, if they are still the owner's", () => {
    const sent = sentBy(plan(run, { notify, owners }));
    const gone = plan({ now: 0.5, users: { etl: [] }, header: { scope: "selection" } }, { notify, owners, sent });
    assert.deepEqual(
      gone.map(({ owner, channel: name }) => [name, owner]),
      [["data", "data-platform"]],
    );
    const moved = { ...notify, routes: [{ owner: "data-*", channels: ["ml"] }] };
    assert.deepEqual(
      plan({ now: 0.5, users: { etl: [] }, header: { scope: "selection" } }, { notify: moved, owners, sent }),
      [],
    );
  });

  it("gets many notices in several messages, each with an identity that repeats", () => {
    const tokens = Array.from({ length: MAX_NOTICES * 2 + 1 }, (_, index) => token(`t${index}`, { expireAt: day(1) }));
    const digests = plan({ now: 0, users: { ada: tokens } });
    assert.deepEqual(
      digests.map(({ notices }) => notices.length),
      [MAX_NOTICES, MAX_NOTICES, 1],
    );
    assert.equal(new Set(digests.map(({ id }) => id)).size, 3);
    assert.deepEqual(plan({ now: 0, users: { ada: tokens } }), digests);
  });
});

describe("any sequence of runs and failures", () => {
  it("brings each notice at most once over each channel, and in the end what was last due", () => {
    const channels = ["a", "b"] as const;
    const notify = { channels: { a: ONE.channels.a!, b: ONE.channels.a! }, fallback: [...channels] };
    const runs = fc.array(
      fc.record({ pause: fc.double({ min: 0, max: 9, noNaN: true }), down: fc.subarray([...channels]) }),
      {
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 60 }), (steps, expiry) => {
        const users = { ada: [token("t", { expireAt: day(expiry) })] };
        const sent: SentNotice[] = [];
        let now = 0;
        for (const { pause, down } of [...steps, { pause: 0, down: [] as string[] }]) {
          now += pause;
          const digests = plan({ now, users }, { notify, sent });
          sent.push(...sentBy(digests.filter(({ channel }) => !down.includes(channel))));
        }
        for (const channel of channels) {
          const got = sent.filter((one) => one.channel === channel).map(brief);
          assert.equal(new Set(got).size, got.length);
          const due = plan({ now, users })[0]?.notices.map(brief) ?? [];
          assert.deepEqual(got.slice(-1), due);
        }
      }),
      { numRuns: 100 },
    );
  });
});
