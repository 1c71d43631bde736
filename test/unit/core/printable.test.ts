import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { printable, quoted } from "../../../core/printable";

describe("printable", () => {
  for (const { title, text, expected } of [
    { title: "the escape that starts a terminal command", text: "\u001b[31mred", expected: "\\u001b[31mred" },
    { title: "line breaks and tabs", text: "a\nb\r\tc", expected: "a\\u000ab\\u000d\\u0009c" },
    { title: "null, delete and the second set of controls", text: "\0\x7f\x9b", expected: "\\u0000\\u007f\\u009b" },
    { title: "line and paragraph separators", text: "a\u2028b\u2029c", expected: "a\\u2028b\\u2029c" },
    { title: "overrides of direction", text: "\u202e\u202a\u061c", expected: "\\u202e\\u202a\\u061c" },
    { title: "isolates and marks of direction", text: "\u2066\u2069\u200f", expected: "\\u2066\\u2069\\u200f" },
    { title: "a byte order mark", text: "\ufeffa", expected: "\\ufeffa" },
  ]) {
    it(`shows ${title} by number`, () => assert.equal(printable(text), expected));
  }

  it("keeps letters of all languages, emoji and quotes", () => {
    const text = `Zoë 日本語 עברית 🦆 "x" 'y' \\`;
    assert.equal(printable(text), text);
  });

  it("cuts what is longer than the limit, and says so", () => {
    assert.equal(printable("abcd", 4), "abcd");
    assert.equal(printable("abcde", 4), "abcd…");
    assert.equal(printable("x".repeat(500)), "x".repeat(500));
    assert.equal(printable("x".repeat(501)), `${"x".repeat(500)}…`);
  });

  it("counts characters before they are shown by number", () => {
    assert.equal(printable("\n\n\n", 2), "\\u000a\\u000a…");
  });

  it("leaves no half of a character where it cuts", () => {
    assert.ok(printable("abc🦆d", 4).isWellFormed());
  });
});

describe("quoted", () => {
  it("marks where the text starts and ends, also where it holds a quote", () => {
    assert.equal(quoted(`a "b" c`), `"a \\"b\\" c"`);
  });

  it("is as safe to print, and keeps to the limit", () => {
    assert.equal(quoted("a\nbcd", 3), `"a\\u000ab…"`);
  });
});
