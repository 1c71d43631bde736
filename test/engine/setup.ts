import { findPulumi } from "../../tools/pulumi-cli/find-pulumi";

/** Runs once, before all engine tests: the CLI may have to be built. */
export async function mochaGlobalSetup(): Promise<void> {
  const { version, binFolder } = await findPulumi((line) => console.log(line));
  console.log(`Engine tests with Pulumi ${version} from ${binFolder}; some minutes.`);
}
