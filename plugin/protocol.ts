import { CheckFailure as CheckFailureMessage } from "@pulumi/pulumi/proto/provider_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { SECRET, SIGNATURE } from "../core/engine-marks";
import type { CheckFailure, Properties } from "../resources/evidence-resource";

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
