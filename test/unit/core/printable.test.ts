import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { decodeText, encodeText, isBlank, printable, quoted, quotedName, shownName } from "../../../core/printable";

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

describe("encodeText and decodeText", () => {
  for (const { title, text, encoded } of [
    { title: "nothing", text: "", encoded: "" },
    { title: "a plain name", text: "svc_etl nightly", encoded: "svc_etl nightly" },
    { title: "letters of all languages, and emoji", text: "Zoë 日本語 🦆 ❤️", encoded: "Zoë 日本語 🦆 ❤️" },
    { title: "white space that breaks lines or moves the cursor", text: "a\tb\nc", encoded: "a\\u0009b\\u000ac" },
    { title: "zero-width characters", text: "\u200b\u200d\u2060\u00ad", encoded: "\\u200b\\u200d\\u2060\\u00ad" },
    { title: "fillers", text: "\u3164\u115f\u034f", encoded: "\\u3164\\u115f\\u034f" },
    { title: "a byte order mark", text: "\ufeffa", encoded: "\\ufeffa" },
    { title: "a tag beyond the basic plane", text: "\u{e0041}", encoded: "\\udb40\\udc41" },
    { title: "half of a character", text: "a\ud83db\udd86", encoded: "a\\ud83db\\udd86" },
    { title: "a text that looks encoded", text: "a\\u0009b", encoded: "a\\u005cu0009b" },
    { title: "the same in capital digits", text: "\\u00AD", encoded: "\\u005cu00AD" },
    { title: "a text that was encoded twice", text: "\\u005cu0009", encoded: "\\u005cu005cu0009" },
    { title: "a backslash before an escape", text: "\\\u001b", encoded: "\\\\u001b" },
    {
      title: "the engine's word for an unknown value",
      text: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
      encoded: "\\u00304da6b54-80e4-46f7-96ec-b56ff0331ba9",
    },
    { title: "backslashes of other kinds", text: "C:\\users\\u12", encoded: "C:\\users\\u12" },
    {
      title: "a backslash before half of an escape and a zero-width space",
      text: "\\u00\u200b",
      encoded: "\\u00\\u200b",
    },
  ]) {
    it(`hold for ${title}`, () => {
      assert.equal(encodeText(text), encoded);
      assert.equal(decodeText(encoded), text);
    });
  }
});

describe("shownName", () => {
  it("shows two names in two ways, and is safe to print and short", () => {
    assert.notEqual(shownName("a\tb", 10), shownName("a\\u0009b", 10));
    assert.equal(shownName("\n\n\n", 2), "\\u000a\\u000a…");
    assert.equal(quotedName(`a"\u200b`, 10), `"a\\"\\u200b"`);
  });
});

describe("isBlank", () => {
  for (const text of ["", " ", "\t\n", "\u2028", "\ufeff", "\u200b\u2060", "\u0001", "\u3164", "\u2800", "\ufe0f"]) {
    it(`holds for ${JSON.stringify(text)}`, () => assert.ok(isBlank(text)));
  }
  for (const text of ["a", ".", "\u200ba", "❤️", "\ud83d", "\\u200b"]) {
    it(`does not hold for ${JSON.stringify(text)}`, () => assert.ok(!isBlank(text)));
  }
});
