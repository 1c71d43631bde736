import type { Sandbox } from "./sandbox";

/** A resource of an exported state. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly sourcePosition?: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

/** The state of the stack, and the resources of this project in it. */
export async function stateOf(
  sandbox: Sandbox,
): Promise<{ text: string; userTokens: StateResource[]; organizationTokens: StateResource[] }> {
  const { stdout } = await sandbox.pulumi(["stack", "export"]);
  const { deployment } = JSON.parse(stdout) as { deployment: { resources?: StateResource[] } };
  const ofType = (name: string) => (deployment.resources ?? []).filter(({ type }) => type.endsWith(`:${name}`));
  return { text: stdout, userTokens: ofType("UserTokens"), organizationTokens: ofType("OrganizationTokens") };
}
