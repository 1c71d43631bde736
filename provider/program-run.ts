import * as pulumi from "@pulumi/pulumi";

/**
 * The run of the program that calls this, to tell apart inline programs of the Automation API in one process. `undefined`
 * outside of a run, as in unit tests.
 */
export function currentRun(): object | undefined {
  return pulumi.runtime.getStackResource();
}

/** Whether `pulumi.runtime.setMocks` replaces the engine: its monitor is not a gRPC client. */
export function isMocked(): boolean {
  const monitor = pulumi.runtime.getMonitor() as { readonly waitForReady?: unknown } | undefined;
  return monitor !== undefined && typeof monitor.waitForReady !== "function";
}
