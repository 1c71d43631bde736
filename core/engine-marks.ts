// Markers of the engine's protocol. Pulumi's SDK has them, too, but is not loaded for two strings; a test compares them.
/** The key that tells what kind of special value an object is. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
/** The kind "secret". */
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
/** What the engine puts in place of values that are not known yet in a preview, by type: words of its protocol. */
export const UNKNOWN_VALUES = {
  text: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  list: "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  object: "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
} as const;
