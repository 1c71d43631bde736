import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { parseInstant } from "../../../core/instant";

describe("parseInstant", () => {
  for (const [text, expected] of [
    // Without an offset it is UTC, whatever the machine's zone.
    ["2024-05-01", "2024-05-01T00:00:00.000Z"],
    ["2024-05-01T10:20", "2024-05-01T10:20:00.000Z"],
    ["2024-05-01T10:20:30", "2024-05-01T10:20:30.000Z"],
    ["2024-05-01 10:20:30", "2024-05-01T10:20:30.000Z"],
    // Offsets, as ISO 8601, PostgreSQL and others write them.
    ["2024-05-01T10:20:30Z", "2024-05-01T10:20:30.000Z"],
    ["2024-05-01t10:20:30z", "2024-05-01T10:20:30.000Z"],
    ["2024-05-01 10:20:30+00", "2024-05-01T10:20:30.000Z"],
    ["2024-05-01T10:20:30-00:00", "2024-05-01T10:20:30.000Z"],
    ["2024-05-01T10:20:30+02", "2024-05-01T08:20:30.000Z"],
    ["2024-05-01T10:20:30+02:00", "2024-05-01T08:20:30.000Z"],
    ["2024-05-01T10:20:30+0530", "2024-05-01T04:50:30.000Z"],
    ["2024-05-01T10:20:30-0330", "2024-05-01T13:50:30.000Z"],
    ["2024-05-01T10:20+02", "2024-05-01T08:20:00.000Z"],
    ["2024-01-01T00:30:00+01:00", "2023-12-31T23:30:00.000Z"],
    // Fractions of a second, of any length.
    ["2024-05-01T10:20:30.5Z", "2024-05-01T10:20:30.500Z"],
    ["2024-05-01T10:20:30.123456Z", "2024-05-01T10:20:30.123Z"],
    ["2024-05-01 10:20:30.123456789+00", "2024-05-01T10:20:30.123Z"],
    ["2024-05-01T10:20:30.9999", "2024-05-01T10:20:30.999Z"],
    // Days that only some years have, and the end of a day.
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["2000-02-29T12:00:00Z", "2000-02-29T12:00:00.000Z"],
    ["2024-12-31T23:59:59.999Z", "2024-12-31T23:59:59.999Z"],
    ["2024-12-31T24:00:00Z", "2025-01-01T00:00:00.000Z"],
    ["1969-12-31T23:59:59Z", "1969-12-31T23:59:59.000Z"],
    ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"],
  ] as const) {
    it(`reads ${text} as ${expected}`, () => {
      const instant = parseInstant(text);
      assert.equal(instant === undefined ? undefined : new Date(instant).toISOString(), expected);
    });
  }

  for (const { title, texts } of [
    { title: "days that do not exist", texts: ["2024-02-30", "2023-02-29", "2100-02-29", "2024-04-31T00:00:00Z"] },
    { title: "months that do not exist", texts: ["2024-00-10", "2024-13-01", "2024-01-00", "2024-01-32"] },
    {
      title: "times that do not exist",
      texts: ["2024-01-01T25:00", "2024-01-01T10:60", "2024-01-01T10:20:60", "2024-01-01T24:00:01"],
    },
    {
      title: "offsets that do not exist",
      texts: ["2024-01-01T10:20:30+24:00", "2024-01-01T10:20:30+02:60", "2024-01-01T10:20:30+2", "2024-01-01+02:00"],
    },
    {
      title: "fractions of something other than a second",
      texts: ["2024-01-01T10:20.5Z", "2024-01-01.5", "2024-01-01T10:20:30.Z", "2024-01-01T10:20:30,5Z"],
    },
    {
      title: "other formats, and remarks around a date",
      texts: [
        "01/02/2024",
        "1 May 2024",
        "20240501",
        "2024-W18-1",
        "2024-122",
        "24-05-01",
        "+002024-05-01",
        "2024-5-1",
      ],
    },
    {
      title: "what is not a date",
      texts: ["", " ", "never", "null", "infinity", "1714521600", "2024", "2024-05", "2024-05-01 UTC", " 2024-05-01"],
    },
    { title: "a second line", texts: ["2024-05-01\n", "2024-05-01\n2024-05-02", "2024-05-01T10:20:30Z\u2028"] },
  ]) {
    it(`refuses ${title}`, () => {
      for (const text of texts) assert.equal(parseInstant(text), undefined, JSON.stringify(text));
    });
  }
});
