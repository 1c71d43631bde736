import type { CustomResourceOptions } from "@pulumi/pulumi";

/** The SDK cannot import a dynamic resource, and its message says nothing to a user. @throws Error that says what to do. */
export function refuseImport(className: string, name: string, opts: CustomResourceOptions | undefined): void {
  if (opts?.import === undefined) return;
  throw new Error(
    `${className} "${name}" cannot be imported: there is nothing to take over, the tokens are read in every preview. ` +
      `Leave the import option out.`,
  );
}
