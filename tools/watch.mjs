// `npm run test:watch`: runs unit tests again after each change; all of them, or those of the files that are named.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";

const mocha = path.join(path.dirname(createRequire(import.meta.url).resolve("mocha/package.json")), "bin/mocha.js");
const args = process.argv.slice(2);
const ignored = ["node_modules", "dist", "coverage", ".git"].flatMap((folder) => ["--watch-ignore", `**/${folder}/**`]);

const child = spawn(
  process.execPath,
  [
    mocha,
    ...["--watch", "--watch-files", "**/*.ts", ...ignored],
    ...(args.length > 0 ? args : ["test/unit/**/*.test.ts"]),
  ],
  { cwd: path.resolve(import.meta.dirname, ".."), stdio: "inherit" },
);
child.on("exit", (code) => (process.exitCode = code ?? 1));
