// Marks of the engine's protocol. They are in Pulumi's SDK, too, which is not loaded for two strings: a test compares them.
/** The key that says what kind of special value an object is, */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
/** and the kind "secret". */
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
