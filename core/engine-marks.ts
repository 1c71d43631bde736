// Markers of the engine's protocol. Pulumi's SDK has them, too, but is not loaded for two strings; a test compares them.
/** The key that tells what kind of special value an object is. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
/** The kind "secret". */
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
