// What is measured: each line of the table, and the floor that it is compared with.
import { packFiles } from "../test/engine/support";

/** One line of the table. */
export interface Scenario {
  readonly name: string;
  /** The program, as JavaScript, or as TypeScript for what that costs. */
  readonly program: string;
  readonly language?: "typescript" | "typescript, with type checks";
  readonly pack: Pack;
  /** Milliseconds that the API takes for each answer. */
  readonly latencyMs: number;
  /** Measured in so many rounds at most: the large ones are less noisy, and take their time. */
  readonly rounds: number;
  /** The name of the scenario that shows what is the engine's own. */
  readonly floor?: string;
  /** Whether the state that it leaves is measured, too. */
  readonly withState?: boolean;
}

/** The pack of this package, one with an empty policy, or none. */
export type Pack = "ours" | "empty" | "none";

/** Users that the stand-in has, each with this many tokens. */
export const USERS = 1000;
export const TOKENS_PER_USER = 5;

export const EMPTY = "empty program";

const PULUMI = `const pulumi = require("@pulumi/pulumi");\n`;
const OURS = `const { UserTokens, OrganizationTokens } = require("pulumi-motherduck-tokens");\n`;
const OURS_TYPESCRIPT = `import { UserTokens } from "pulumi-motherduck-tokens";\n`;

const nameOf = (pack: Pack) =>
  ({ ours: ", with the pack", empty: ", with a pack of one empty policy", none: "" })[pack];
const at = (latencyMs: number) => (latencyMs === 0 ? "" : `, API at ${latencyMs} ms`);

function trivial(count: number, pack: Pack): Scenario {
  return {
    name: `${count} trivial dynamic ${count === 1 ? "resource" : "resources"}${nameOf(pack)}`,
    program: `${PULUMI}
      const provider = { create: async (inputs) => ({ id: "trivial", outs: inputs }) };
      class Trivial extends pulumi.dynamic.Resource {
        constructor(name) { super(provider, name, { username: name }); }
      }
      for (let index = 0; index < ${count}; index++) new Trivial("u" + index);`,
    pack,
    latencyMs: 0,
    rounds: roundsOf(count),
  };
}

function declared(count: number, pack: Pack, latencyMs: number): Scenario {
  return {
    name: `${count} \`UserTokens\`${nameOf(pack)}${at(latencyMs)}`,
    program: `${OURS} for (let index = 0; index < ${count}; index++) new UserTokens("u" + index, { username: "u" + index });`,
    pack,
    latencyMs,
    rounds: roundsOf(count),
    floor: trivial(count, pack === "ours" ? "empty" : "none").name,
    withState: count === 100 && pack === "none",
  };
}

function organization(pack: Pack, latencyMs: number): Scenario {
  return {
    name: `\`OrganizationTokens\` with ${USERS} users${nameOf(pack)}${at(latencyMs)}`,
    program: `${OURS} new OrganizationTokens("everybody");`,
    pack,
    latencyMs,
    rounds: 3,
    floor: trivial(1, pack === "ours" ? "empty" : "none").name,
    withState: pack === "none" && latencyMs === 0,
  };
}

function typescript(language: NonNullable<Scenario["language"]>): Scenario {
  return {
    name: `1 \`UserTokens\`, with the pack, program in ${language}`,
    program: `${OURS_TYPESCRIPT} new UserTokens("u0", { username: "u0" });`,
    language,
    pack: "ours",
    latencyMs: 0,
    rounds: 5,
    floor: declared(1, "ours", 0).name,
  };
}

function roundsOf(count: number): number {
  return count === 1 ? 5 : count === 100 ? 3 : 2;
}

const LATENCIES = [0, 50];

/** All of them, in the order of the table. */
export const scenarios: readonly Scenario[] = [
  { name: EMPTY, program: PULUMI, pack: "none", latencyMs: 0, rounds: 5 },
  { name: EMPTY + nameOf("empty"), program: PULUMI, pack: "empty", latencyMs: 0, rounds: 5 },
  { name: EMPTY + nameOf("ours"), program: PULUMI, pack: "ours", latencyMs: 0, rounds: 5 },
  ...[1, 100, 1000].flatMap((count) => [
    trivial(count, "none"),
    trivial(count, "empty"),
    ...LATENCIES.flatMap((latencyMs) => [declared(count, "none", latencyMs), declared(count, "ours", latencyMs)]),
  ]),
  ...LATENCIES.flatMap((latencyMs) => [organization("none", latencyMs), organization("ours", latencyMs)]),
  typescript("typescript"),
  typescript("typescript, with type checks"),
];

/** The project of a scenario. */
export function filesOf({ program, language }: Scenario): Record<string, string> {
  const main = language === undefined ? "index.js" : "index.ts";
  return {
    "Pulumi.yaml": "name: bench\nruntime: nodejs\n",
    "package.json": JSON.stringify({ name: "bench", version: "1.0.0", main }),
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        strict: true,
        target: "es2022",
        module: "commonjs",
        moduleResolution: "node",
        ignoreDeprecations: "6.0",
        types: ["node"],
      },
      files: ["index.ts"],
    }),
    [main]: program,
    ...packFiles("empty", `{ name: "empty", description: "It judges nothing.", validateResource() {} }`),
  };
}
