import path from "node:path";
import { execa } from "execa";
import { sdksIn } from "./packed";
import { ROOT } from "./sandbox";

/** How the program is written. */
export type ProgramKind = "CommonJS" | "ES module" | "ES module, tsx" | TypeScriptKind;

/** With that major version as the compiler, which Pulumi runs. */
export type TypeScriptKind = `TypeScript ${number}`;

/** A way in which people have this package in a project. */
export interface Layout {
  /** As the table of compatibility names it. */
  readonly name: string;
  readonly manager: "npm" | "pnpm" | "yarn";
  /** What is said to the package manager after `install`. */
  readonly flags?: readonly string[];
  /** A file that tells the package manager which packages the repository has. */
  readonly workspaceFile?: Record<string, string>;
  /** Whose dependency the package is: the program's, that of a component library that the program uses, or both's. */
  readonly dependencyOf: readonly ("program" | "library")[];
  /** Where the package lies, as the program's folder sees it; absent where Pulumi cannot find it. */
  readonly found?: string;
}

const DIRECT = "node_modules/pulumi-motherduck-tokens";
const PNPM_WORKSPACE = { "pnpm-workspace.yaml": "packages: [infra, library]\n" };

/** The layouts, with what becomes of each. */
export const LAYOUTS: readonly Layout[] = [
  { name: "npm", manager: "npm", dependencyOf: ["program"], found: DIRECT },
  {
    name: "npm, nested",
    manager: "npm",
    flags: ["--install-strategy=nested"],
    dependencyOf: ["program"],
    found: DIRECT,
  },
  {
    name: "npm, nested, dependency of a library alone",
    manager: "npm",
    flags: ["--install-strategy=nested", "--install-links"],
    dependencyOf: ["library"],
  },
  {
    name: "pnpm, strict",
    manager: "pnpm",
    workspaceFile: PNPM_WORKSPACE,
    dependencyOf: ["program"],
    found: DIRECT,
  },
  {
    name: "pnpm, strict, dependency of program and library",
    manager: "pnpm",
    workspaceFile: PNPM_WORKSPACE,
    dependencyOf: ["program", "library"],
    found: DIRECT,
  },
  {
    name: "pnpm, strict, dependency of a library alone",
    manager: "pnpm",
    workspaceFile: PNPM_WORKSPACE,
    dependencyOf: ["library"],
  },
  {
    name: "yarn 1 workspaces, dependency of a library alone",
    manager: "yarn",
    dependencyOf: ["library"],
    found: `../${DIRECT}`,
  },
];

/** The folder of the program in each layout. */
export const PROGRAM_FOLDER = "infra";

/** Not ts-node, which Pulumi brings, but tsx. */
const TSX = { typescript: false, nodeargs: "--import tsx" };

const LIBRARY = "acme-token-gate";

/**
 * The files of a layout: the program `infra`, and `library` with a Pulumi component, which the program uses where the
 * package is the library's dependency.
 *
 * @param tarball the packed package.
 */
export function layoutFiles(layout: Layout, kind: ProgramKind, tarball: string): Record<string, string> {
  const sdks = sdksIn(path.join(ROOT, "node_modules"));
  const usesLibrary = layout.dependencyOf.includes("library");
  const tokens = { "pulumi-motherduck-tokens": `file:${tarball}` };
  const library = { [LIBRARY]: layout.manager === "npm" ? "file:../library" : libraryInWorkspace(layout) };
  const byTsx = kind === "ES module, tsx";
  const compiler = isTypeScript(kind) ? kind.replace("TypeScript ", "") : undefined;
  const main = byTsx || compiler !== undefined ? "index.ts" : "index.js";
  const json = (value: unknown) => JSON.stringify(value, null, 2);
  // npm has one package here, the program; the others have a workspace.
  const top =
    layout.manager === "npm" ? {} : { "package.json": json({ private: true, workspaces: ["infra", "library"] }) };
  return {
    ...top,
    ...layout.workspaceFile,
    "infra/Pulumi.yaml": json({ name: "infra", runtime: byTsx ? { name: "nodejs", options: TSX } : "nodejs" }),
    "infra/package.json": json({
      name: "infra",
      version: "1.0.0",
      private: true,
      main,
      type: kind.startsWith("ES module") ? "module" : "commonjs",
      dependencies: {
        ...sdks,
        ...(byTsx && { tsx: "4" }),
        ...(compiler !== undefined && { typescript: compiler, "@types/node": "24" }),
        ...(layout.dependencyOf.includes("program") && tokens),
        ...(usesLibrary && library),
      },
    }),
    [`infra/${main}`]: program(kind, usesLibrary ? LIBRARY : "pulumi-motherduck-tokens"),
    "library/package.json": json({
      name: LIBRARY,
      version: "1.0.0",
      main: "index.js",
      // The SDK is the program's: with two of them, outputs break.
      peerDependencies: sdks,
      ...(usesLibrary && { dependencies: tokens }),
    }),
    "library/index.js": `const { UserTokens } = require("pulumi-motherduck-tokens");\nexports.UserTokens = UserTokens;\n`,
  };
}

function libraryInWorkspace({ manager }: Layout): string {
  return manager === "pnpm" ? "workspace:*" : "1.0.0";
}

function program(kind: ProgramKind, from: string): string {
  const imported = `import { UserTokens } from "${from}";\n`;
  const users = `["ada", "svc_bi", "grace"]`;
  const body = `for (const username of ${users}) new UserTokens(username, { username });\n`;
  if (kind === "CommonJS") return `const { UserTokens } = require("${from}");\n${body}`;
  // With types, which only a compiler can read.
  if (isTypeScript(kind))
    return `${imported}const users: readonly string[] = ${users};\n${body.replace(users, "users")}`;
  return `${imported}await Promise.resolve("top-level await");\n${body}`;
}

function isTypeScript(kind: ProgramKind): kind is TypeScriptKind {
  return kind.startsWith("TypeScript ");
}

/** Installs what a layout's files name. @param PATH has the layout's package manager. */
export async function installLayout(project: string, { manager, flags = [] }: Layout, PATH: string): Promise<void> {
  const cwd = manager === "npm" ? path.join(project, PROGRAM_FOLDER) : project;
  const options = { cwd, env: { PATH }, stdin: "ignore", timeout: 300_000 } as const;
  const commands = {
    npm: ["install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", "--ignore-scripts"],
    pnpm: ["install", "--prefer-offline", "--ignore-scripts"],
    // A cache of its own: yarn 1 takes a tarball of the same name and version from it, whatever is in the file.
    yarn: [
      ...["install", "--non-interactive", "--no-lockfile", "--ignore-engines", "--ignore-scripts"],
      ...["--cache-folder", path.join(project, ".yarn-cache")],
    ],
  };
  await execa(manager, [...commands[manager], ...flags], options);
}
