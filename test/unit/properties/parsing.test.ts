import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { ResponseError } from "../../../client/errors";
import { listUserTokens } from "../../../client/api/list-user-tokens";
import { parseTokensPage } from "../../../client/api/parse";
import type { Transport } from "../../../client/http/transport";
import { sameTokens } from "../../../core/user-token";
import type { WireToken } from "../../../tools/stand-in/organization";

const text = fc.string({ unit: "binary" });
const date = fc.oneof(
  fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
  text,
);
const token = fc.record(
  {
    id: fc.string({ unit: "binary", minLength: 1 }),
    name: text,
    description: text.filter((given) => given !== "" && !given.includes("eyJ")),
    expire_at: date,
    created_ts: date,
    read_only: fc.boolean(),
    token_type: fc.oneof(fc.constantFrom("read_write", "read_scaling"), text),
  },
  { requiredKeys: ["id", "created_ts", "read_only", "token_type"] },
);
const tokens = fc.uniqueArray(token, { selector: ({ id }) => id, maxLength: 8 });

/** A transport that gives these bodies, one after the other. */
function transportOf(bodies: unknown[]): Transport {
  const left = [...bodies];
  return { getJson: () => Promise.resolve(left.shift()) };
}

/** Cuts a list into pages, each with a cursor to the next. */
function pagesOf(list: WireToken[], sizes: number[]): object[] {
  const pages: WireToken[][] = [];
  let rest = list;
  for (const size of sizes) {
    pages.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  pages.push(rest);
  return pages.map((page, i) => ({ tokens: page, ...(i < sizes.length && { next_cursor: `page ${i + 1}` }) }));
}

describe("whatever the API sends", () => {
  it("a value that is not a list of tokens is an error, never a list", () => {
    const inTokens = fc.record({ tokens: fc.jsonValue() });
    const inOne = fc.record({ tokens: fc.tuple(fc.oneof(fc.jsonValue(), fc.record({ id: fc.jsonValue() }))) });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), inTokens, inOne), (body) => {
        try {
          const page = parseTokensPage(body, { name: "the tokens" });
          // What got through says itself that it is a list, with that many entries.
          assert.equal(page.tokens.length, (body as { tokens: unknown[] }).tokens.length);
        } catch (error) {
          assert.ok(error instanceof ResponseError, String(error));
          assert.doesNotMatch(error.message, /\p{Cc}/u);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("one field that is missing or of another type is an error", () => {
    const required = fc.constantFrom("id", "created_ts", "read_only", "token_type");
    const wrong = fc.oneof(fc.constant(undefined), fc.constant(null), fc.integer(), fc.object());
    fc.assert(
      fc.property(fc.array(token, { minLength: 1 }), fc.nat(), required, wrong, (list, at, field, value) => {
        const i = at % list.length;
        const broken = list.map((entry, j) => (i === j ? { ...entry, [field]: value } : entry));
        assert.throws(
          () => parseTokensPage({ tokens: broken }, { name: "the tokens" }),
          (error: Error) => error instanceof ResponseError && error.message.includes(`tokens[${i}].${field}`),
        );
      }),
    );
  });

  it("a list of tokens comes through whole, field by field", () => {
    fc.assert(
      fc.property(tokens, fc.dictionary(text, fc.jsonValue()), (list, unknown) => {
        // Fields that nobody knows change nothing.
        const sent = list.map((entry) => ({ ...unknown, name: null, description: null, expire_at: null, ...entry }));
        const { tokens: parsed } = parseTokensPage({ tokens: sent }, { name: "the tokens" });
        const back = parsed.map((t) => ({
          id: t.id,
          ...(t.name !== undefined && { name: t.name }),
          ...(t.description !== undefined && { description: t.description }),
          ...(t.expireAt !== undefined && { expire_at: t.expireAt }),
          created_ts: t.createdTs,
          read_only: t.readOnly,
          token_type: t.tokenType,
        }));
        assert.deepEqual(
          back,
          list.map((entry) => ({ ...entry })),
        );
      }),
    );
  });

  it("the same tokens give the same list, in whatever order and on whatever pages they come", async () => {
    const shuffled = tokens.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    await fc.assert(
      fc.asyncProperty(shuffled, fc.array(fc.nat(4), { maxLength: 5 }), async ([list, other], sizes) => {
        const read = (bodies: object[]) => listUserTokens(transportOf(bodies), "ada", 5);
        const whole = await read([{ tokens: list }]);
        const paged = await read(pagesOf(other, sizes));
        assert.deepEqual(paged, whole);
        assert.equal(whole.length, list.length);
        assert.ok(sameTokens(whole, [...paged].reverse()));
      }),
    );
  });
});
