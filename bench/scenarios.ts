// What is measured: each line of the table, and the floor that it is compared with.
import type { PolicyConfig } from "../policies/configuration/configuration";
import path from "node:path";
import { packFiles } from "../tools/project-files";
import { ROOT } from "../tools/sandbox";
import type { Goals } from "./results";

/** A preview that is measured. */
export interface Preview {
  readonly kind: "preview";
  readonly name: string;
  /** The program: JavaScript, TypeScript for what that costs, or what `Pulumi.yaml` has besides the name. */
  readonly program: string;
  readonly language: "javascript" | "typescript" | "typescript, with type checks" | "yaml" | "python";
  /** The options of the runtime in `Pulumi.yaml`. */
  readonly runtimeOptions?: Record<string, unknown>;
  /** The stack's configuration. */
  readonly config?: Record<string, unknown>;
  readonly pack: Pack;
  /** The settings of the pack. */
  readonly settings?: PolicyConfig;
  /** The major version of Node.js that runs all of Pulumi's processes. Default: that of the benchmark. */
  readonly node?: string;
  /** Added to the environment. */
  readonly env?: Record<string, string>;
  /** How many users the API has. */
  readonly users: number;
  /** Milliseconds that the API takes for each answer. */
  readonly latencyMs: number;
  /** The large ones are less noisy, and take their time. */
  readonly rounds: number;
  /** The names of the lines that show, together, what is not this package's own. */
  readonly floor?: readonly string[];
  /** How many tokens it reads, where the state that it leaves is measured, too. */
  readonly tokensInState?: number;
}

/** The reads of users by a process that does nothing else: the floor of what the network and the API take. */
export interface PlainReads {
  readonly kind: "reads";
  readonly name: string;
  /** Absent: everybody, after the listing. */
  readonly usernames?: readonly string[];
  readonly users: number;
  readonly concurrency: number;
  readonly latencyMs: number;
  readonly rounds: number;
}

/** A command of the user's, such as another provider's plan of the same users: all lines are compared with it, too. */
export interface Peer {
  readonly kind: "peer";
  readonly name: string;
  readonly command: string;
  readonly latencyMs: number;
  readonly rounds: number;
}

/** One line of the table. */
export type Scenario = Preview | PlainReads | Peer;

/** The pack of this package, one with an empty policy, or none. */
export type Pack = "ours" | "empty" | "none";

/** Users that the stand-in has, each with this many tokens. */
export const USERS = 1000;
/** The same where size is what is measured. */
const MANY_USERS = 10_000;
export const TOKENS_PER_USER = 5;

const LATENCIES = [0, 50];
/** The default, and one for large organizations. */
const CONCURRENCIES = [32, 64] as const;
/** Where starting is most of what is measured. */
const SMALL_ROUNDS = 5;
const ROUNDS = 3;

const PULUMI = `const pulumi = require("@pulumi/pulumi");\n`;
const OURS = `const { UserTokens, OrganizationTokens } = require("pulumi-motherduck-tokens");\n`;
const OURS_TYPESCRIPT = `import { UserTokens } from "pulumi-motherduck-tokens";\n`;

const nameOf = (pack: Pack) =>
  ({ ours: ", with the pack", empty: ", with a pack of one empty policy", none: "" })[pack];
const at = (latencyMs: number) => (latencyMs === 0 ? "" : `, API at ${latencyMs} ms`);
/** The results name their rows so: without commas between thousands. */
const usersOf = (users: number) => (users === 1 ? "1 user" : `${users} users`);
const floorPack = (pack: Pack) => (pack === "ours" ? "empty" : pack);
const by = (concurrency: number) => (concurrency === CONCURRENCIES[0] ? "" : `, concurrency ${concurrency}`);

function empty(pack: Pack): Preview {
  return {
    kind: "preview",
    name: `empty program${nameOf(pack)}`,
    program: PULUMI,
    language: "javascript",
    pack,
    users: USERS,
    latencyMs: 0,
    rounds: SMALL_ROUNDS,
    ...(pack === "ours" && { floor: [empty("empty").name] }),
  };
}

const MAKE_TOKEN = `
      const makeToken = (_, index) => ({
        id: "b93b4bae-a030-4018-8718-59e7a1b1fcda", name: "token-" + index, createdTs: "2026-01-01T00:00:00.000Z",
        expireAt: "2026-03-01T00:00:00.000Z", readOnly: index > 0, tokenType: index > 0 ? "read_scaling" : "read_write",
      });`;

/** As many as there are users, which give their tokens without having read them. */
function trivial(count: number, pack: Pack): Preview {
  const resources = count === 1 ? "resource" : "resources";
  return {
    kind: "preview",
    name: `${count} trivial dynamic ${resources} with ${TOKENS_PER_USER} tokens each${nameOf(pack)}`,
    program: `${PULUMI}${MAKE_TOKEN}
      const provider = {
        check: async (olds, news) => ({
          inputs: { ...news, tokens: Array.from({ length: ${TOKENS_PER_USER} }, makeToken) },
        }),
        create: async (inputs) => ({ id: "trivial", outs: inputs }),
      };
      class Trivial extends pulumi.dynamic.Resource {
        constructor(name) { super(provider, name, { username: name, tokens: undefined }); }
      }
      for (let index = 0; index < ${count}; index++) new Trivial("u" + index);`,
    language: "javascript",
    pack,
    users: USERS,
    latencyMs: 0,
    rounds: roundsOf(count),
  };
}

/** One that gives the tokens of all users, without having read them. */
function trivialOrganization(users: number, pack: Pack): Preview {
  return {
    kind: "preview",
    name: `1 trivial dynamic resource with ${users * TOKENS_PER_USER} tokens${nameOf(pack)}`,
    program: `${PULUMI}${MAKE_TOKEN}
      const makeUser = (_, index) => ({
        username: "u" + index, isServiceAccount: false, isDeprovisioned: false,
        tokens: Array.from({ length: ${TOKENS_PER_USER} }, makeToken),
      });
      const provider = {
        check: async () => ({ inputs: { users: Array.from({ length: ${users} }, makeUser) } }),
        create: async (inputs) => ({ id: "trivial", outs: inputs }),
      };
      class Trivial extends pulumi.dynamic.Resource {
        constructor(name) { super(provider, name, { users: undefined }); }
      }
      new Trivial("everybody");`,
    language: "javascript",
    pack,
    users,
    latencyMs: 0,
    rounds: ROUNDS,
  };
}

function plainReads(latencyMs: number, concurrency: number, users = USERS): PlainReads {
  return {
    kind: "reads",
    name: `plain HTTP reads of ${usersOf(users)}${at(latencyMs)}${by(concurrency)}`,
    ...(users < USERS && { usernames: usernamesOf(users) }),
    users: Math.max(users, USERS),
    concurrency,
    latencyMs,
    rounds: roundsOf(users),
  };
}

/** A command that somebody else's software needs for the same. */
export function peer(command: string): Peer {
  return { kind: "peer", name: `peer: \`${command}\``, command, latencyMs: 50, rounds: SMALL_ROUNDS };
}

/** An empty program, with a guard. Its pack lists the users, whomever it reads. */
function guarded(users: number, latencyMs: number): Preview {
  return {
    ...empty("ours"),
    name: `${empty("ours").name} and a guard of ${usersOf(users)}${at(latencyMs)}`,
    settings: { guard: users < USERS ? usernamesOf(users) : "everybody" },
    latencyMs,
    rounds: roundsOf(users),
    floor: [empty("empty").name, plainReads(latencyMs, CONCURRENCIES[0], users).name],
  };
}

/** The first so many users of the stand-in. */
function usernamesOf(users: number): string[] {
  return Array.from({ length: users }, (_, index) => `u${index}`);
}

function declared(count: number, pack: Pack, latencyMs: number): Preview {
  return {
    kind: "preview",
    name: `${count} \`UserTokens\`${nameOf(pack)}${at(latencyMs)}`,
    program: `${OURS} for (let index = 0; index < ${count}; index++) new UserTokens("u" + index, { username: "u" + index });`,
    language: "javascript",
    pack,
    users: USERS,
    latencyMs,
    rounds: roundsOf(count),
    floor: [trivial(count, floorPack(pack)).name],
    ...(count === 100 && pack === "none" && latencyMs === 0 && { tokensInState: count * TOKENS_PER_USER }),
  };
}

function organization(pack: Pack, latencyMs: number, concurrency: number, users = USERS): Preview {
  return {
    kind: "preview",
    name: `\`OrganizationTokens\` with ${users} users${nameOf(pack)}${at(latencyMs)}${by(concurrency)}`,
    program: `${OURS} new OrganizationTokens("everybody");`,
    language: "javascript",
    ...(by(concurrency) !== "" && { config: { "motherduck-tokens:concurrency": concurrency } }),
    pack,
    users,
    latencyMs,
    rounds: ROUNDS,
    floor: [trivialOrganization(users, floorPack(pack)).name, plainReads(latencyMs, concurrency, users).name],
    ...(pack === "none" && latencyMs === 0 && { tokensInState: users * TOKENS_PER_USER }),
  };
}

/** The same users in a YAML program, by the plugin. */
function declaredInYaml(count: number, latencyMs: number, isAhead: boolean): Preview {
  const { name, ...same } = declared(count, "ours", latencyMs);
  const resources = usernamesOf(count).map((username) => [
    username,
    { type: "motherduck-tokens:UserTokens", properties: { username } },
  ]);
  return {
    ...same,
    name: `${name}, in YAML${isAhead ? " with `readAhead`" : ""}`,
    language: "yaml",
    program: JSON.stringify({
      runtime: "yaml",
      packages: { "motherduck-tokens": path.join(ROOT, "plugin") },
      ...(isAhead && { config: { "motherduck-tokens:readAhead": { value: ["u*"] } } }),
      resources: Object.fromEntries(resources) as object,
    }),
    rounds: isAhead ? ROUNDS : 1,
    floor: [name],
  };
}

/** The same users in a Python program, by the plugin. */
function declaredInPython(count: number, latencyMs: number, isAhead: boolean): Preview {
  const { name, ...same } = declared(count, "ours", latencyMs);
  return {
    ...same,
    name: `${name}, in Python${isAhead ? " with `readAhead`" : ""}`,
    language: "python",
    program: [
      "import pulumi_motherduck_tokens as motherduck",
      `for index in range(${count}):`,
      `    motherduck.UserTokens(f"u{index}", username=f"u{index}")`,
      "",
    ].join("\n"),
    ...(isAhead && { config: { "motherduck-tokens:readAhead": '["u*"]' } }),
    rounds: isAhead ? ROUNDS : 1,
    floor: [name],
  };
}

/** One user with the pack, in other ways of running a program. */
function variant(
  title: string,
  change: Partial<Pick<Preview, "language" | "runtimeOptions">> & { source?: string },
): Preview {
  const { source = OURS, ...rest } = change;
  return {
    ...declared(1, "ours", 0),
    ...rest,
    name: `1 \`UserTokens\`, with the pack, ${title}`,
    program: `${source} new UserTokens("u0", { username: "u0" });`,
    floor: [declared(1, "ours", 0).name],
  };
}

/** One user with the pack, with another version of Node.js. */
function onNode(node: string): Preview[] {
  const title = `, Node.js ${node}`;
  const floor = { ...trivial(1, "empty"), name: `${trivial(1, "empty").name}${title}`, node };
  const ours = {
    ...declared(1, "ours", 50),
    name: `${declared(1, "ours", 50).name}${title}`,
    node,
    floor: [floor.name],
  };
  // The variable is Node's own: neither Pulumi nor the pack then keeps compiled code.
  const uncached = { ...ours, name: `${ours.name}, without compiled code`, env: { NODE_DISABLE_COMPILE_CACHE: "1" } };
  return [floor, ours, uncached];
}

function roundsOf(users: number): number {
  return users === 1 ? SMALL_ROUNDS : ROUNDS;
}

/** Guards, and those of their floors that nothing else has. */
const guards: readonly Scenario[] = [1, 100, USERS].flatMap((users) => [
  ...(users < USERS ? [plainReads(50, CONCURRENCIES[0], users)] : []),
  guarded(users, 50),
]);

/** Programs of another language, by the plugin. */
const languages: readonly Scenario[] = [100, USERS].flatMap((count) => [
  declaredInYaml(count, 50, false),
  declaredInYaml(count, 50, true),
  declaredInPython(count, 50, false),
  declaredInPython(count, 50, true),
]);

/** All of them, in the order of the table. The first is what all are compared with. */
export const scenarios: readonly Scenario[] = [
  empty("none"),
  empty("empty"),
  empty("ours"),
  ...[1, 100, 1000].flatMap((count) => [
    trivial(count, "none"),
    trivial(count, "empty"),
    ...LATENCIES.flatMap((latencyMs) => [declared(count, "none", latencyMs), declared(count, "ours", latencyMs)]),
  ]),
  trivialOrganization(USERS, "none"),
  trivialOrganization(USERS, "empty"),
  plainReads(0, CONCURRENCIES[0]),
  organization("none", 0, CONCURRENCIES[0]),
  organization("ours", 0, CONCURRENCIES[0]),
  ...CONCURRENCIES.flatMap((concurrency) => [
    plainReads(50, concurrency),
    organization("none", 50, concurrency),
    organization("ours", 50, concurrency),
  ]),
  trivialOrganization(MANY_USERS, "empty"),
  plainReads(0, CONCURRENCIES[0], MANY_USERS),
  organization("ours", 0, CONCURRENCIES[0], MANY_USERS),
  ...guards,
  ...languages,
  ...["22", "24", "26"].flatMap(onNode),
  variant("`typescript: false`", { runtimeOptions: { typescript: false } }),
  variant("program in TypeScript", { source: OURS_TYPESCRIPT, language: "typescript" }),
  variant("program in TypeScript, with type checks", {
    source: OURS_TYPESCRIPT,
    language: "typescript, with type checks",
  }),
];

/** Whether starting is most of what it does. */
export function isSmall({ rounds }: Scenario): boolean {
  return rounds === SMALL_ROUNDS;
}

const largest = organization("ours", 0, CONCURRENCIES[0], MANY_USERS);

/** What must hold, by the names of the lines. */
export const goals: Goals = {
  organization: CONCURRENCIES.map((concurrency) => ({ name: organization("none", 50, concurrency).name, atMost: 5 })),
  ratios: [
    ...[1, 100, USERS].map((count) => goal(declared(count, "ours", 50), 1.1, trivial(count, "empty"))),
    ...[declaredInYaml, declaredInPython].map((inLanguage) =>
      goal(inLanguage(USERS, 50, true), 1.3, declared(USERS, "ours", 50)),
    ),
    { name: largest.name, atMost: 1.3, floor: largest.floor ?? [] },
  ],
  memory: [{ name: largest.name, atMost: 1.3, floor: largest.floor ?? [] }],
};

function goal({ name }: Scenario, atMost: number, floor: Scenario) {
  return { name, atMost, floor: [floor.name] };
}

/** The project of a preview. */
export function filesOf({ program, language, runtimeOptions = {} }: Preview): Record<string, string> {
  if (language === "yaml") {
    return { "Pulumi.yaml": JSON.stringify({ name: "bench", ...(JSON.parse(program) as object) }) };
  }
  if (language === "python") return { "__main__.py": program };
  const main = language === "javascript" ? "index.js" : "index.ts";
  return {
    "Pulumi.yaml": JSON.stringify({ name: "bench", runtime: { name: "nodejs", options: runtimeOptions } }),
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
