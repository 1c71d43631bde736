// `npm run test:oracle -- 100000`: as many random organizations as wanted. ORACLE_SEED is the first one's seed.
import { spawnSync } from "node:child_process";
import path from "node:path";

const cases = process.argv[2] ?? "10000";
const mocha = path.join(path.dirname(require.resolve("mocha/package.json")), "bin/mocha.js");
const { status } = spawnSync(process.execPath, [mocha, path.join(__dirname, "oracle.test.ts")], {
  stdio: "inherit",
  env: { ...process.env, ORACLE_CASES: cases },
});
process.exitCode = status ?? 1;
