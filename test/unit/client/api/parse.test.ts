import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ResponseError } from "../../../../client/errors";
import { parseTokensPage, parseUsersPage } from "../../../../client/api/parse";
import { failureOf, wireToken } from "../../support";

// As it comes over the wire: what is undefined is not there.
const parse = (body: unknown) =>
  parseTokensPage(JSON.parse(JSON.stringify(body)), { name: `the tokens of user "ada"` });
const parseUsers = (body: unknown) => parseUsersPage(JSON.parse(JSON.stringify(body)), { name: "the users" });
const ID = "00000000-0000-4000-8000-000000000001";

const JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJlbWFpbCI6ImFkYUBleGFtcGxlLmNvbSJ9.s3cr3t_s3cr3t-s3cr3t";

describe("parseUsersPage", () => {
  const userOf = (fields: object) => parseUsers({ users: [{ id: "1", username: "ada", ...fields }] }).users[0];

  it("reads an e-mail address and roles, sorted, also such as nobody knows", () => {
    const roles = ["explorer", "astronaut", "admin", "explorer"];
    assert.deepEqual(userOf({ email: "ada@example.com", roles }), {
      ...{ id: "1", username: "ada", email: "ada@example.com" },
      roles: ["admin", "astronaut", "explorer"],
    });
  });

  it("leaves them out where they are absent or null, and takes an empty address for none", () => {
    for (const fields of [{}, { email: null, roles: null }, { email: "" }]) {
      assert.deepEqual(userOf(fields), { id: "1", username: "ada" });
    }
    assert.deepEqual(userOf({ roles: [] }), { id: "1", username: "ada", roles: [] });
  });

  it("takes API tokens out of both", () => {
    const { email, roles } = userOf({ email: `ada+${JWT}@example.com`, roles: [JWT, "admin"] }) ?? {};
    assert.deepEqual([email, roles], ["ada+[token]@example.com", ["[token]", "admin"]]);
  });

  for (const { title, fields, says } of [
    { title: "an address that is a number", fields: { email: 7 }, says: 'users[0].email (user "1") is 7, expected' },
    {
      title: "roles that are text",
      fields: { roles: "admin" },
      says: 'users[0].roles (user "1") is "admin", expected',
    },
    { title: "a role that is a number", fields: { roles: ["admin", 7] }, says: "users[0].roles[1]" },
  ]) {
    it(`refuses ${title}`, async () => {
      const { message } = await failureOf(() => userOf(fields), ResponseError);
      assert.ok(message.includes(says), message);
    });
  }
});

describe("parseTokensPage", () => {
  it("turns the API's words into this project's", () => {
    const token = wireToken(ID, { name: "laptop", expire_at: "2030-01-01", created_ts: "2024-01-01", read_only: true });
    assert.deepEqual(parse({ tokens: [token] }), {
      tokens: [
        {
          id: ID,
          name: "laptop",
          expireAt: "2030-01-01",
          createdTs: "2024-01-01",
          readOnly: true,
          tokenType: "read_write",
        },
      ],
    });
  });

  it("takes an empty list for what it is", () => assert.deepEqual(parse({ tokens: [] }), { tokens: [] }));

  it("leaves optional fields out where they are absent or null, so that no `undefined` reaches the engine", () => {
    const bare = wireToken(ID);
    const { tokens } = parse({ tokens: [bare, { ...bare, name: null, expire_at: null }] });
    assert.deepEqual(tokens.map(Object.keys), Array(2).fill(["id", "createdTs", "readOnly", "tokenType"]));
  });

  it("keeps empty texts, odd dates and types that it does not know, for the rules to judge", () => {
    const odd = wireToken(ID, { name: "", expire_at: "never", created_ts: "", token_type: "read_future" });
    assert.deepEqual(parse({ tokens: [odd] }).tokens, [
      { id: ID, name: "", expireAt: "never", createdTs: "", readOnly: false, tokenType: "read_future" },
    ]);
  });

  it("reads a description, and takes an empty one for none", () => {
    const described = (description: unknown) =>
      parse({ tokens: [{ ...wireToken(ID), description }] }).tokens[0]?.description;
    const long = "\u001b[2J d".repeat(500);
    assert.deepEqual([described("For the dashboards"), described(long)], ["For the dashboards", long]);
    assert.deepEqual([described(""), described(null), described(undefined)], [undefined, undefined, undefined]);
  });

  it("takes API tokens out of a description: somebody may have pasted one", () => {
    for (const [text, expected] of [
      [JWT, "[token]"],
      [`ETL: ${JWT}, and "${JWT}".`, `ETL: [token], and "[token]".`],
      [`token=${JWT}\n`, "token=[token]\n"],
      [`${JWT.slice(0, -20)}`, "[token]"],
      ["eyJ is how one begins", "eyJ is how one begins"],
    ] as const) {
      const [token] = parse({ tokens: [wireToken(ID, { description: text })] }).tokens;
      assert.equal(token?.description, expected);
    }
  });

  it("ignores fields that it does not know", () => {
    const body = { tokens: [{ ...wireToken(ID), last_used: 1, secret: {} }], total: 1 };
    assert.deepEqual(parse(body), parse({ tokens: [wireToken(ID)] }));
  });

  describe("rejects a body that is not a list of tokens", () => {
    const second = (fields: object) => ({ tokens: [wireToken("first"), { ...wireToken(ID), ...fields }] });
    const named = `(token "${ID}")`;
    for (const { title, body, says } of [
      { title: "null", body: null, says: "the body is null" },
      { title: "text", body: "tokens", says: `the body is "tokens"` },
      { title: "`{}`", body: {}, says: "field tokens is missing" },
      { title: "`[]`", body: [], says: "field tokens is missing" },
      { title: "a list of tokens without its envelope", body: [wireToken(ID)], says: "field tokens is missing" },
      { title: "an error's body", body: { message: "no", code: "NO" }, says: "field tokens is missing" },
      { title: "tokens: null", body: { tokens: null }, says: "field tokens is null, expected Array" },
      { title: "tokens: {}", body: { tokens: {} }, says: "field tokens is Object, expected Array" },
      { title: "tokens: [null]", body: { tokens: [null] }, says: "field tokens[0] is null, expected Object" },
      { title: "a token that is text", body: { tokens: [wireToken(ID), "x"] }, says: `field tokens[1] is "x"` },
      { title: "a missing id", body: second({ id: undefined }), says: "field tokens[1].id is missing" },
      { title: "an id that is a number", body: second({ id: 7 }), says: "field tokens[1].id is 7, expected string" },
      {
        title: "a missing created_ts",
        body: second({ created_ts: undefined }),
        says: `field tokens[1].created_ts ${named} is missing`,
      },
      {
        title: "a missing read_only",
        body: second({ read_only: undefined }),
        says: `field tokens[1].read_only ${named} is missing`,
      },
      {
        title: "a missing token_type",
        body: second({ token_type: undefined }),
        says: `field tokens[1].token_type ${named} is missing`,
      },
      {
        title: "created_ts: null",
        body: second({ created_ts: null }),
        says: `field tokens[1].created_ts ${named} is null, expected string`,
      },
      {
        title: "read_only as text",
        body: second({ read_only: "false" }),
        says: `field tokens[1].read_only ${named} is "false", expected boolean`,
      },
      {
        title: "expire_at as a number",
        body: second({ expire_at: 1714521600 }),
        says: `field tokens[1].expire_at ${named} is 1714521600, expected`,
      },
      {
        title: "description as a number",
        body: second({ description: 7 }),
        says: `field tokens[1].description ${named} is 7, expected`,
      },
      { title: "name as a list", body: second({ name: [] }), says: `field tokens[1].name ${named} is Array, expected` },
    ]) {
      it(`such as ${title}`, async () => {
        const { message } = await failureOf(() => parse(body), ResponseError);
        assert.ok(message.startsWith(`could not read the tokens of user "ada": in the answer (status 200), `), message);
        assert.ok(message.includes(says), message);
        assert.match(message, /look for a newer version of this package\.$/);
      });
    }

    it("and does not offer a field's own name as what it expected", async () => {
      const { message } = await failureOf(() => parse({ tokens: [{ ...wireToken(ID), created_ts: undefined }] }));
      assert.doesNotMatch(message, /expected "created_ts"/);
    });

    it("and says that an empty id is one that should not be empty", async () => {
      const { message } = await failureOf(() => parse({ tokens: [wireToken("")] }), ResponseError);
      assert.match(message, /tokens\[0\]\.id .*non-empty/);
      assert.doesNotMatch(message, /!0/);
    });

    it("and keeps what it shows of the body short and printable", async () => {
      const { message } = await failureOf(() => parse({ tokens: `\u001b[31m\n${"x".repeat(1000)}` }));
      assert.doesNotMatch(message, /[\p{Cc}]/u);
      assert.ok(message.length < 400, message);
    });
  });

  describe("finds the cursor of the next page", () => {
    for (const { title, fields, expected } of [
      { title: "in next_cursor", fields: { next_cursor: "a" }, expected: "a" },
      { title: "in next_page_token", fields: { next_page_token: "b" }, expected: "b" },
      { title: "in pagination.next_cursor", fields: { pagination: { next_cursor: "c" } }, expected: "c" },
      { title: "in pagination.next_page_token", fields: { pagination: { next_page_token: "d" } }, expected: "d" },
      { title: "in pagination.cursor", fields: { pagination: { cursor: "e" } }, expected: "e" },
      {
        title: "in the first of these places that holds one",
        fields: {
          next_cursor: "",
          next_page_token: " ",
          pagination: { next_cursor: null, next_page_token: "d", cursor: "e" },
        },
        expected: "d",
      },
      {
        title: "at the top before the one in pagination",
        fields: { next_page_token: "b", pagination: { next_cursor: "c" } },
        expected: "b",
      },
      { title: "nowhere where there is none", fields: {}, expected: undefined },
      { title: "nowhere where it is null", fields: { next_page_token: null, pagination: null }, expected: undefined },
      {
        title: "nowhere where all are blank",
        fields: { next_cursor: " ", pagination: { cursor: "" } },
        expected: undefined,
      },
      { title: "nowhere where pagination is text", fields: { pagination: "cursor" }, expected: undefined },
    ]) {
      it(title, () => {
        const page = parse({ tokens: [], ...fields });
        assert.deepEqual(page, { tokens: [], ...(expected !== undefined && { nextPageToken: expected }) });
      });
    }

    for (const { title, fields, says } of [
      { title: "a number", fields: { next_page_token: 2 }, says: "field next_page_token is 2, expected" },
      { title: "zero", fields: { next_cursor: 0 }, says: "field next_cursor is 0, expected" },
      { title: "false", fields: { next_cursor: false }, says: "field next_cursor is false, expected" },
      { title: "an object", fields: { next_page_token: {} }, says: "field next_page_token is Object, expected" },
      {
        title: "a number beside one that is text",
        fields: { next_cursor: "a", next_page_token: 2 },
        says: "field next_page_token is 2, expected",
      },
      {
        title: "a number in pagination",
        fields: { next_cursor: "a", pagination: { next_cursor: 3 } },
        says: "field pagination.next_cursor is 3, expected",
      },
      {
        title: "a list in pagination",
        fields: { pagination: { next_page_token: ["d"] } },
        says: "field pagination.next_page_token is Array, expected",
      },
      {
        title: "a number in the last place",
        fields: { pagination: { cursor: 5 } },
        says: "field pagination.cursor is 5, expected",
      },
    ]) {
      it(`and refuses one that is ${title}: the page after it would go unread`, async () => {
        for (const parsePage of [parse, parseUsers]) {
          const { message } = await failureOf(() => parsePage({ tokens: [], users: [], ...fields }), ResponseError);
          assert.ok(message.includes(`in the answer (status 200), ${says}`), message);
        }
      });
    }

    it("in that order, where there are several", () => {
      const places = ["a", "b", "c", "d", "e"].map((_, from, all) => {
        const [a, b, c, d, e] = all.map((cursor, i) => (i < from ? null : cursor));
        const pagination = { next_cursor: c, next_page_token: d, cursor: e };
        return parse({ tokens: [], next_cursor: a, next_page_token: b, pagination }).nextPageToken;
      });
      assert.deepEqual(places, ["a", "b", "c", "d", "e"]);
    });
  });
});
