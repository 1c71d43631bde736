// Markers of the engine's protocol. Pulumi's SDK has them, too, but is not loaded for two strings; a test compares them.
/** The key that tells what kind of special value an object is. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
/** The kind "secret". */
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
/** What the engine puts in place of values that are not known yet in a preview, by type: words of its protocol. */
export const UNKNOWN_VALUES = {
  boolean: "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  number: "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  text: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  list: "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  asset: "030794c1-ac77-496b-92df-f27374a8bd58",
  archive: "e48ece36-62e2-4504-bad9-02848725956a",
  object: "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
} as const;

const UNKNOWN: ReadonlySet<unknown> = new Set(Object.values(UNKNOWN_VALUES));

/** Whether a value stands in place of one that is not known yet. */
export function isUnknownValue(value: unknown): boolean {
  return UNKNOWN.has(value);
}
