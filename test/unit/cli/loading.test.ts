import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { dependencies, devDependencies } from "../../../package.json";
import { packagesLoadedBy, useStandIn } from "../support";

describe("the audit's start", () => {
  const api = useStandIn();

  /** The packages that it loads, of those that `package.json` names. */
  async function loadedBy(...args: string[]): Promise<string[]> {
    const argv = JSON.stringify(["node", "audit", "--fail-on", "none", ...args]);
    const loaded = await packagesLoadedBy(`process.argv = ${argv}; require("./cli/main");`, {
      ...process.env,
      ...api.standIn.env,
    });
    const own = new Set(Object.keys({ ...dependencies, ...devDependencies }));
    return loaded.filter((name) => own.has(name));
  }

  it("loads nothing of Pulumi, and no format that is not asked for", async () => {
    assert.deepEqual(await loadedBy("--user", "ada", "--quiet"), [
      "agent-base",
      "axios",
      "axios-retry",
      "commander",
      "fastest-levenshtein",
      "p-limit",
      "proxy-from-env",
      "signal-exit",
      "valibot",
    ]);
    assert.equal(api.standIn.readsOf("ada"), 1);
  });

  it("loads a format's library where the format is asked for", async () => {
    assert.ok((await loadedBy("--user", "ada", "--report", "csv=/dev/null")).includes("csv-stringify"));
  });
});
