import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { parseInstant } from "../../../core/instant";
import { printable, quoted } from "../../../core/printable";
import { createRedactor } from "../../../client/http/redact";

const instant = fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });
const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 700 }), fc.string({ unit: "grapheme" }));

describe("parseInstant", () => {
  it("gives back every instant, however it is written", () => {
    const minutes = fc.integer({ min: -14 * 60, max: 14 * 60 });
    const form = fc.record({ separator: fc.constantFrom("T", "t", " "), colon: fc.constantFrom(":", "") });
    fc.assert(
      fc.property(instant, minutes, form, (date, offset, { separator, colon }) => {
        fc.pre(date.getUTCFullYear() > 1 && date.getUTCFullYear() < 9999);
        const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1).replace("T", separator);
        const two = (n: number) => String(n).padStart(2, "0");
        const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}${colon}${two(Math.abs(offset) % 60)}`;
        assert.equal(parseInstant(`${local}${zone}`), date.getTime());
      }),
    );
  });

  it("takes a date and time without an offset for UTC, on every machine", () => {
    fc.assert(fc.property(instant, (date) => parseInstant(date.toISOString().slice(0, -1)) === date.getTime()));
  });

  it("gives an instant of the day that is written, or nothing", () => {
    const day = fc.tuple(
      fc.integer({ min: 1900, max: 2100 }),
      fc.integer({ min: 0, max: 19 }),
      fc.integer({ min: 0, max: 39 }),
    );
    fc.assert(
      fc.property(day, ([year, month, date]) => {
        const text = [year, ...[month, date].map((n) => String(n).padStart(2, "0"))].join("-");
        const found = parseInstant(text);
        assert.ok(found === undefined || new Date(found).toISOString() === `${text}T00:00:00.000Z`);
      }),
      { numRuns: 1000 },
    );
  });

  it("never gives anything but an instant, and never throws", () => {
    const dateLike = fc.stringMatching(/^[0-9]{0,5}-[0-9]{0,3}-[0-9]{0,3}[T ]?[0-9:.]{0,12}[Z+-]?[0-9:]{0,6}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), dateLike), (text) => {
        const found = parseInstant(text);
        assert.ok(found === undefined || Number.isFinite(found));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("printable", () => {
  const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?!\p{Variation_Selector})\p{Default_Ignorable_Code_Point}/u;

  it("leaves nothing that moves the cursor, forges a line or reorders text, and is never long", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 600 }), (text, limit) => {
        const shown = printable(text, limit);
        assert.doesNotMatch(shown, UNSAFE);
        assert.ok(shown.length <= 6 * limit + 1);
        assert.doesNotMatch(quoted(text, limit).slice(1, -1), /(^|[^\\])"/);
      }),
    );
  });

  it("changes nothing that is safe and short, and nothing twice", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        if (!UNSAFE.test(text) && text.length <= 500) assert.equal(printable(text), text);
        assert.equal(printable(printable(text, 50)), printable(text, 50));
      }),
    );
  });
});

describe("createRedactor", () => {
  it("leaves no API token in any text", () => {
    const token = fc.stringMatching(/^[\w\-.~+/]{8,40}={0,2}$/);
    fc.assert(
      fc.property(token, fc.array(anyText), (apiToken, parts) => {
        assert.ok(!createRedactor(apiToken)(parts.join(apiToken)).includes(apiToken));
      }),
    );
  });
});
