import assert from "node:assert/strict";
import { execa } from "execa";
import MarkdownIt from "markdown-it";
import { describe, it } from "mocha";
import type { Finding, JudgedToken, JudgedUser } from "../../../audit/result";
import { encodeText } from "../../../core/printable";
import { encodeToken } from "../../../core/user-token";
import type { Remedy } from "../../../policies/rule";
import { planReport } from "../../../reports/plan";
import { planShellReport } from "../../../reports/plan-sh";
import { PlanMaker } from "../../../reports/plan-steps";
import { endlessToken, userToken, waiver, without } from "../support";
import { auditHeader, HOSTILE_NAMES, STACK_FINDING, write } from "./fixture";

const replace = (fields = {}): Remedy => ({
  ...{ action: "replace", tokenType: "read_write", maxTtlSeconds: 7_776_000 },
  ...fields,
});

/** A finding about a token of a user, with a remedy. */
const finding = (token: JudgedToken, fields: Partial<Finding> = {}): Finding => ({
  ...{ rule: "tokens-must-expire", severity: "high", enforcementLevel: "mandatory" },
  ...{ fact: "never expires", message: "m", fingerprint: "f", remedy: replace() },
  ...{ username: "svc_bi", tokenId: encodeText(token.id), ...(token.name !== undefined && { tokenName: token.name }) },
  ...fields,
});

const holder = (tokens: readonly JudgedToken[], findings: readonly Finding[], fields = {}): JudgedUser => ({
  ...{ username: "svc_bi", isServiceAccount: true, tokens: tokens.map(encodeToken), findings },
  ...fields,
});

const planOf = (users: readonly JudgedUser[], findings: readonly Finding[] = []) => {
  const maker = new PlanMaker();
  for (const user of users) maker.add(user);
  return maker.end({ findings });
};

const token = endlessToken({ id: "a" });

describe("a plan's tasks", () => {
  const remediesOf = (...remedies: Remedy[]) =>
    planOf([
      holder(
        [token],
        remedies.map((remedy) => finding(token, { remedy })),
      ),
    ]).owners.flatMap(({ tasks }) => tasks.map(({ remedy, findings }) => [remedy, findings.length]));

  it("are one for each token, which keeps the narrowest limits of all its findings", () => {
    const short = replace({ maxTtlSeconds: 86_400, needsName: true });
    assert.deepEqual(remediesOf(replace(), short, replace({ tokenType: "read_scaling" })), [
      [{ action: "replace", tokenType: "read_scaling", maxTtlSeconds: 86_400, needsName: true }, 3],
    ]);
    assert.deepEqual(remediesOf(replace(), { action: "revoke" }), [[{ action: "revoke" }, 2]]);
  });

  it("are each owner's own, by name; what nobody owns comes last, and numbers go through", () => {
    const own = (id: string, owner?: string) => {
      const one = endlessToken({ id });
      const found = finding(one, owner === undefined ? {} : { owner: { name: owner, foundBy: "user setting" } });
      return holder([one], [found], { username: id });
    };
    const { owners } = planOf([own("1"), own("2", "web"), own("3", "data"), own("4", "web")]);
    assert.deepEqual(
      owners.map(({ owner, tasks }) => [owner, ...tasks.map(({ number, username }) => `${number} ${username}`)]),
      [
        ["data", "1 3"],
        ["web", "2 2", "3 4"],
        [undefined, "4 1"],
      ],
    );
  });

  it("do not repeat a user of two resources", () => {
    const [one, other] = [1, 2].map((urn) => holder([token], [finding(token)], { urn: String(urn) })) as [
      JudgedUser,
      JudgedUser,
    ];
    assert.equal(planOf([one, other]).owners[0]?.tasks.length, 1);
  });

  it("leave out what somebody has to choose, and what is about no token", () => {
    const { remedy, ...many } = finding(token, { rule: "max-read-write-tokens" });
    const { tokenId, ...aboutUser } = many;
    assert.ok(remedy && tokenId);
    const { owners } = planOf([holder([token], [many, aboutUser])], [STACK_FINDING]);
    assert.deepEqual(
      owners.map(({ tasks, choices }) => [tasks.length, choices.length]),
      [[0, 3]],
    );
  });

  it("lose no finding about a token that the user does not hold: a custom rule may name any", () => {
    const { owners } = planOf([holder([], [finding(token)])]);
    assert.deepEqual(
      owners.map(({ tasks, choices }) => [tasks.length, choices.length]),
      [[0, 1]],
    );
  });

  for (const { title, of, with: fields = {}, user = {}, reason } of [
    { title: "that is waived", of: token, with: { waiver: waiver() }, reason: "waived by WVR-1 until 2026-03-31" },
    {
      title: "that MotherDuck made itself",
      of: { ...userToken({ id: "f", name: "MotherDuck Flights" }), isSystem: true },
      reason: "by its name, MotherDuck made it itself",
    },
    {
      title: "whose id cannot be seen",
      of: userToken({ id: "a\u202eb" }),
      reason: "its id holds characters that cannot be seen",
    },
    {
      title: "whose id would end the call at another path",
      of: userToken({ id: ".." }),
      reason: 'the API cannot be asked about its id: it is ".."',
    },
    {
      title: "without an id",
      of: userToken({ id: "" }),
      reason: "the API cannot be asked about its id: it is empty",
    },
    {
      title: "whose id has no encoding",
      of: userToken({ id: "a\ud800" }),
      reason: "the API cannot be asked about its id: it holds half of a character (a lone surrogate)",
    },
    {
      title: "whose user's name has no encoding",
      of: token,
      user: { username: encodeText("a\ud800") },
      reason: "the API cannot be asked about its user's name: it holds half of a character (a lone surrogate)",
    },
    {
      title: "whose user's name would end the call at another path",
      of: token,
      user: { username: ".." },
      reason: `the API cannot be asked about its user's name: it is ".."`,
    },
  ] as const) {
    it(`spare a token ${title}, whatever else is wrong with it`, () => {
      const { owners, leftOut } = planOf([
        holder([of], [finding(of, fields), finding(of, { rule: "max-token-age", remedy: { action: "revoke" } })], user),
      ]);
      assert.deepEqual(
        owners.flatMap(({ tasks }) => tasks),
        [],
      );
      assert.ok(owners.every(({ choices }) => choices.some(({ rule }) => rule === "max-token-age")));
      assert.deepEqual(
        leftOut.map((left) => left.reason),
        [reason],
      );
    });
  }
});

describe("a plan for people", () => {
  const textOf = (user: JudgedUser, header = auditHeader()) => write(planReport, [user], {}, header);

  it("has a call to create for service accounts, words for people, and both where nobody knows", () => {
    const plan = (isServiceAccount?: boolean) => {
      const user = without(holder([token], [finding(token)]), "isServiceAccount");
      return textOf(isServiceAccount === undefined ? user : { ...user, isServiceAccount });
    };
    const [robot, person, unknown] = [plan(true), plan(false), plan()];
    for (const text of [robot, unknown]) assert.match(text, /md --request POST .*"ttl":7776000/);
    assert.doesNotMatch(person, /POST/);
    assert.match(person, /Only `svc_bi` can, in their settings at MotherDuck.* the name `a`, .* within 90 days\./);
    assert.match(unknown, /If `svc_bi` is a person, only they can/);
    assert.doesNotMatch(robot, /in their settings/);
    for (const text of [robot, person, unknown]) {
      const steps = [...text.matchAll(/^\d\. \*\*(\w+)\*\*/gm)].map(([, step]) => step);
      assert.deepEqual(steps, ["Create", "Switch", "Verify", "Revoke"]);
    }
  });

  it("has calls that a shell reads as they are meant, whatever is in a name", async () => {
    const names = [...HOSTILE_NAMES, `'; touch x; '`, "`touch x`", "$(touch x)", "````\nmd x", "-rf"];
    for (const name of names) {
      const own = endlessToken({ id: "7c1f", name, description: name });
      const text = textOf(holder([own], [finding(own)], { username: encodeText(name) }));
      const blocks = new MarkdownIt({ html: true }).parse(text, {}).filter(({ type }) => type === "fence");
      const calls = blocks.slice(1).map(({ content }) => content);
      assert.equal(calls.length, 3, text);
      const script = `md() { for word; do printf '%s\\0' "$word"; done; }\n${calls.join("\n")}`;
      const { stdout } = await execa("sh", ["-c", script], { stripFinalNewline: false });
      const words = stdout.split("\0");
      const url = `https://api.motherduck.com/v1/users/${encodeURIComponent(name)}/tokens`;
      assert.deepEqual(
        words.splice(words.indexOf("--data-raw") + 1, 1).map((body) => JSON.parse(body) as unknown),
        [
          {
            name: encodeText(name) === name && name.trim() !== "" ? name : "",
            ...{ description: name, ttl: 7_776_000, token_type: "read_write" },
          },
        ],
      );
      assert.deepEqual(words, [
        ...["--request", "POST", "--header", "content-type: application/json", "--data-raw"],
        ...["--output", "token-1.json", url, url, "--request", "DELETE", `${url}/7c1f`, ""],
      ]);
    }
  });
});

describe("a plan from evidence that anybody may have written", () => {
  it("sends nothing to the address that the evidence names", () => {
    const origin = { apiUrl: "https://evil.example" };
    const user = holder([token], [finding(token, { origin })], { origin });
    for (const format of [planReport, planShellReport]) {
      const text = write(format, [user], {}, auditHeader({ source: { kind: "state", name: "state.json" } }));
      // Headings and comments may name it.
      const calls = text.split("\n").filter((line) => !line.startsWith("#"));
      assert.ok(!calls.some((line) => line.includes("evil.example")), text);
      assert.ok(calls.some((line) => line.includes("'https://api.motherduck.com")));
    }
  });
});
