import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, it } from "mocha";
import { parseTokensPage, parseUsersPage } from "../../../../client/api/parse";
import { ResponseError } from "../../../../client/errors";
import { assertContract, type Operation, type Schema, schemaOf } from "../../../contract/contract";
import { without } from "../../support";

/** Anything that a schema allows, without fields that it does not have. */
function arbitraryOf(schema: Schema): fc.Arbitrary<unknown> {
  const value = valueOf(schema);
  return schema.nullable === true ? fc.option(value) : value;
}

function valueOf({ type, properties = {}, required = [], items, ...rest }: Schema): fc.Arbitrary<unknown> {
  switch (type) {
    case "object": {
      const fields = Object.entries(properties).map(([name, field]) => [name, arbitraryOf(field)]);
      return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, {
        requiredKeys: [...required],
        noNullPrototype: true,
      });
    }
    case "array":
      assert.ok(items);
      return fc.array(arbitraryOf(items), { maxLength: 4 });
    case "string":
      if (rest.enum) return fc.constantFrom(...rest.enum);
      if (rest.format === "uuid") return fc.uuid();
      assert.equal(rest.format, undefined);
      return fc.string({ unit: "binary", minLength: rest.minLength ?? 0, maxLength: rest.maxLength ?? 40 });
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: rest.minimum ?? -(2 ** 31) });
  }
}

/** The type of a value, as schemas name it. */
function typeOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}

/** The order of a list, and what is in it twice, make no difference. */
function isSame(one: unknown, other: unknown): boolean {
  const set = (value: unknown) => (Array.isArray(value) ? new Set(value) : value);
  return isDeepStrictEqual(set(one), set(other));
}

/** What the parser makes of the entries of a page. */
type Parse = (body: unknown) => readonly object[];

const LISTINGS: { operation: Operation; list: string; ignored: readonly string[]; parse: Parse }[] = [
  {
    operation: "GET /v1/users/{username}/tokens",
    list: "tokens",
    ignored: [],
    parse: (body) => parseTokensPage(body, { name: "the tokens" }).tokens,
  },
  {
    operation: "GET /v1/users",
    list: "users",
    ignored: ["first_name", "last_name"],
    parse: (body) => parseUsersPage(body, { name: "the users" }).users,
  },
];

for (const { operation, list, ignored, parse } of LISTINGS) {
  describe(`the parser, held to the contract of ${operation}`, () => {
    const schema = schemaOf(operation, 200);
    const item = schema?.properties?.[list]?.items;
    assert.ok(schema && item?.properties);
    const fields = Object.entries(item.properties);
    const required = item.required ?? [];
    const entry = arbitraryOf(item) as fc.Arbitrary<Record<string, unknown>>;
    /** All fields are there, with a value. */
    const full = arbitraryOf({
      ...item,
      properties: Object.fromEntries(fields.map(([name, field]) => [name, { ...field, nullable: false }])),
      required: fields.map(([name]) => name),
    }) as fc.Arbitrary<Record<string, unknown>>;
    const bodyOf = (...entries: unknown[]) => ({ [list]: entries, next_page_token: null });
    const refuses = (body: unknown) => assert.throws(() => parse(body), ResponseError, JSON.stringify(body));

    it("takes every answer that it allows", () => {
      fc.assert(
        fc.property(arbitraryOf(schema) as fc.Arbitrary<Record<string, unknown[]>>, (body) => {
          assertContract(operation, 200, body);
          assert.equal(parse(body).length, body[list]?.length);
        }),
      );
    });

    for (const [name, field] of fields.filter(([name]) => !ignored.includes(name))) {
      it(`reads ${name}`, () => {
        fc.assert(
          fc.property(full, arbitraryOf({ ...field, nullable: false }), (one, value) => {
            fc.pre(!isSame(one[name], value));
            assert.notDeepEqual(parse(bodyOf({ ...one, [name]: value })), parse(bodyOf(one)));
          }),
        );
      });

      it(`refuses ${name} of another type`, () => {
        const wrong = fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.array(fc.string()), fc.object());
        fc.assert(
          fc.property(full, wrong, (one, value) => {
            fc.pre(typeOf(value) !== field.type);
            refuses(bodyOf({ ...one, [name]: value }));
          }),
        );
      });
    }

    for (const [name] of fields.filter(([name, { items }]) => items && !ignored.includes(name))) {
      it(`refuses ${name} with an entry of another type`, () => {
        fc.assert(
          fc.property(full, fc.oneof(fc.boolean(), fc.integer(), fc.constant(null), fc.object()), (one, value) => {
            refuses(bodyOf({ ...one, [name]: [value] }));
          }),
        );
      });
    }

    for (const name of ignored) {
      it(`does not care for ${name}`, () => {
        fc.assert(
          fc.property(full, fc.jsonValue(), (one, value) => {
            assert.deepEqual(parse(bodyOf({ ...one, [name]: value })), parse(bodyOf(one)));
          }),
        );
      });
    }

    for (const name of fields.map(([field]) => field)) {
      const isRequired = required.includes(name);
      it(
        isRequired ? `refuses an answer without ${name}` : `takes an answer without ${name}, or with null for it`,
        () => {
          fc.assert(
            fc.property(full, (one) => {
              const rest = without(one, name);
              for (const body of [bodyOf(rest), bodyOf({ ...one, [name]: null })]) {
                if (isRequired) refuses(body);
                else assert.ok(parse(body).every((parsed) => !Object.values(parsed).includes(null)));
              }
            }),
          );
        },
      );
    }

    it("does not care for fields that nobody knows", () => {
      const names = new Set([...fields.map(([name]) => name), "__proto__"]);
      const unknown = fc.dictionary(
        fc.string().filter((name) => !names.has(name)),
        fc.jsonValue(),
      );
      fc.assert(
        fc.property(entry, unknown, unknown, (one, inEntry, inBody) => {
          const safe = without(inBody, "next_cursor", "next_page_token", "pagination");
          const body = { ...safe, ...bodyOf({ ...inEntry, ...one }) };
          assert.deepEqual(parse(body), parse(bodyOf(one)));
        }),
      );
    });

    it("takes values that the contract does not list", () => {
      const listed = fields.filter(([, field]) => field.enum ?? field.items);
      fc.assert(
        fc.property(full, fc.string(), (one, value) => {
          for (const [name, field] of listed) {
            const [parsed] = parse(bodyOf({ ...one, [name]: field.items ? [value] : value }));
            if (!ignored.includes(name))
              assert.ok(
                Object.values(parsed ?? {})
                  .flat()
                  .includes(value),
              );
          }
        }),
      );
      assert.ok(listed.length > 0);
    });
  });
}
