import type { Context } from "mocha";

/**
 * Gets what tests need. Where it cannot be had, they are skipped, and say why; in CI they fail.
 *
 * @param platform the only one whose CI has it. Default: all have it.
 */
export async function getOrSkip<Needed>(
  context: Context,
  get: () => Needed | Promise<Needed>,
  platform: NodeJS.Platform = process.platform,
): Promise<Needed> {
  try {
    return await get();
  } catch (error) {
    if (process.env.CI === "true" && process.platform === platform) throw error;
    console.log(`      skipped: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
    return context.skip();
  }
}
