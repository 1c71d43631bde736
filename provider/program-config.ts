import * as pulumi from "@pulumi/pulumi";
import { CONFIG_NAMESPACE, resolveSettings, type ClientSettings } from "../client/settings";

// Public at run time, but missing from the SDK's types. A test makes sure that it stays.
const runtime = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };

/** The settings as a Pulumi program sees them: its stack's configuration, then the environment. */
export function programSettings(): ClientSettings {
  refusePlaintextToken();
  const config = new pulumi.Config(CONFIG_NAMESPACE);
  return resolveSettings((key) => config.get(key), process.env);
}

/**
 * Rejects a token configured without `--secret`: it is plain text in the stack's file, and would be in state.
 *
 * @throws Error with the command that sets it as a secret.
 */
export function refusePlaintextToken(): void {
  const key = `${CONFIG_NAMESPACE}:apiToken`;
  if (new pulumi.Config(CONFIG_NAMESPACE).get("apiToken") === undefined) return;
  if (runtime.isConfigSecret(key)) return;
  throw new Error(
    `${key} is configured as plain text. Revoke that token, then run "pulumi config rm ${key}" and give the new one ` +
      `in the environment (MOTHERDUCK_ADMIN_TOKEN) or with "pulumi config set --secret ${key}".`,
  );
}
