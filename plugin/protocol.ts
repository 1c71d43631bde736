import { CheckFailure as CheckFailureMessage } from "@pulumi/pulumi/proto/provider_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { CheckFailure, Properties } from "../resources/evidence-resource";

// Marks of the engine's protocol. They are in the SDK, too, which is not loaded for two strings: a test compares them.
/** The key that says what kind of special value an object is, */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
/** and the kind "secret". */
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Makes a value a secret: ciphertext in state. */
export function secret(value: unknown): Properties {
  return { [SIGNATURE]: SECRET, value };
}

export function isSecret(value: unknown): value is { readonly value: unknown } {
  return typeof value === "object" && value !== null && (value as Properties)[SIGNATURE] === SECRET;
}

/** The value without its wrapping. */
export function plain(value: unknown): unknown {
  return isSecret(value) ? plain(value.value) : value;
}

/** Properties as a message. */
export function toStruct(properties: Properties): Struct {
  return Struct.fromJavaScript(properties as Record<string, JavaScriptValue>);
}

/** Properties of a message; a message that is not there has none. */
export function fromStruct(struct: Struct | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}

/** Failures as messages. */
export function toFailures(failures: readonly CheckFailure[] = []): CheckFailureMessage[] {
  return failures.map(({ property, reason }) => new CheckFailureMessage().setProperty(property).setReason(reason));
}

/** The type in a resource's URN: `urn:pulumi:stack::project::parent$type::name`. */
export function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}
