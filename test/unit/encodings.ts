import { gzipSync } from "node:zlib";

const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();
const utf32 = (text: string) => Buffer.from(new Uint32Array([...text].map((c) => c.codePointAt(0) ?? 0)).buffer);

/** How a text may come to be written to a file: what is read, and what is refused with its cause. */
export const ENCODINGS: {
  readonly read: readonly { readonly title: string; readonly encode: (text: string) => Buffer }[];
  readonly refused: readonly {
    readonly title: string;
    readonly encode: (text: string) => Buffer;
    readonly says: RegExp;
  }[];
} = {
  read: [
    { title: "UTF-8", encode: (text) => Buffer.from(text) },
    { title: "UTF-8 with a byte order mark", encode: (text) => Buffer.from(`\ufeff${text}`) },
    {
      title: "UTF-16 (little endian) with a byte order mark",
      encode: (text) => Buffer.from(`\ufeff${text}`, "utf16le"),
    },
    { title: "UTF-16 (big endian) with a byte order mark", encode: (text) => utf16be(`\ufeff${text}`) },
  ],
  refused: [
    {
      title: "UTF-16 without a byte order mark",
      encode: (text) => Buffer.from(text, "utf16le"),
      says: /it is UTF-16 or UTF-32 without a byte order mark, or not text at all\. Save it as UTF-8\./,
    },
    {
      title: "UTF-16 (big endian) without one",
      encode: utf16be,
      says: /it is UTF-16 or UTF-32 without a byte order mark/,
    },
    { title: "UTF-32", encode: (text) => utf32(`\ufeff${text}`), says: /it is UTF-32\. Save it as UTF-8\./ },
    { title: "Latin-1", encode: (text) => Buffer.from(text, "latin1"), says: /it is not valid UTF-8\. Save it as/ },
    {
      title: "UTF-16 that was cut off",
      encode: (text) => Buffer.from(`\ufeff${text}`, "utf16le").subarray(0, -1),
      says: /it is not valid UTF-16LE\./,
    },
    {
      title: "a compressed file",
      encode: (text) => gzipSync(text),
      says: /it is compressed \(gzip\)\. Unpack it first\./,
    },
  ],
};
