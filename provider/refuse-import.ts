import type { CustomResourceOptions } from "@pulumi/pulumi";

/** Rejects `import`, which the SDK cannot do for dynamic resources; its own message does not help. @throws Error */
export function refuseImport(className: string, name: string, opts: CustomResourceOptions | undefined): void {
  if (opts?.import === undefined) return;
  throw new Error(
    `${className} "${name}" cannot be imported: there is nothing to take over, the tokens are read in every preview. ` +
      `Leave the import option out.`,
  );
}
