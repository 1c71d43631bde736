import * as pulumi from "@pulumi/pulumi";

/**
 * The run of a program that this code is part of, to tell it from others of the same process: inline programs of the
 * Automation API. `undefined` where there is none, as in unit tests.
 */
export function currentRun(): object | undefined {
  return pulumi.runtime.getStackResource();
}

/** Whether `pulumi.runtime.setMocks` takes the engine's place: what answers is no client of an engine. */
export function isMocked(): boolean {
  const monitor = pulumi.runtime.getMonitor() as { readonly waitForReady?: unknown } | undefined;
  return monitor !== undefined && typeof monitor.waitForReady !== "function";
}
