// Exports of `@pulumi/policy` that its types leave out. A test of this project notices when the SDK changes them.
import * as sdkDeserialize from "@pulumi/policy/deserialize";
import * as sdkProxy from "@pulumi/policy/proxy";

/** The properties of a resource as policies get them: reading an unknown value throws an {@link UnknownValueError}. */
export const { unknownCheckingProxy, UnknownValueError, ...sentinels } = sdkProxy as unknown as {
  unknownCheckingProxy: (props: object) => Record<string, unknown>;
  UnknownValueError: new (sentinel: string, path: string[]) => Error;
  unknownStringValue: string;
  unknownArrayValue: string;
  unknownBooleanValue: string;
  unknownObjectValue: string;
  unknownNumberValue: string;
};

const { deserializeProperties } = sdkDeserialize as unknown as {
  deserializeProperties: (struct: { toJavaScript: () => object }, proxySecrets: boolean) => Record<string, unknown>;
};

/** Properties as the pack receives them: a JSON copy with secrets unwrapped. */
export function deserializeProps(props: object): Record<string, unknown> {
  const copy = JSON.parse(JSON.stringify(props)) as object;
  return deserializeProperties({ toJavaScript: () => copy }, false);
}

/** The Pulumi type that a resource class, or a function made for one class, carries. */
export function pulumiTypeOf(value: unknown): string | undefined {
  const { __pulumiType: type } = (value ?? {}) as { __pulumiType?: unknown };
  return typeof type === "string" && type !== "" ? type : undefined;
}
