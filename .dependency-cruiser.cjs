// Which room may import which: the table in DESIGN.md. `npm run check` enforces it.
const PULUMI = "^node_modules/@pulumi/";

/** By folder: the folders that it may import, besides itself. */
const ROOMS = {
  core: [],
  client: ["core"],
  resources: ["core", "client"],
  provider: ["core", "client", "resources"],
  plugin: ["core", "client", "resources"],
  policies: ["core", "client"],
  testing: ["core", "policies"],
  audit: ["core", "client", "policies"],
  notices: ["core", "client", "policies", "audit"],
  history: ["core", "audit", "notices"],
  reports: ["core", "policies", "audit"],
  cli: ["core", "client", "policies", "audit", "notices", "history", "reports"],
};

// eslint-disable-next-line no-undef -- CommonJS
module.exports = {
  forbidden: [
    ...Object.entries(ROOMS).map(([room, allowed]) => ({
      name: `${room}-imports-only-what-is-below`,
      severity: "error",
      from: { path: `^${room}/` },
      to: {
        path: `^(${Object.keys(ROOMS).join("|")}|bench|tools|test|examples)/`,
        pathNot: `^(${[room, ...allowed].join("|")})/`,
      },
    })),
    {
      name: "the-page-runs-in-browsers",
      comment:
        "What the HTML report's script is made of imports neither Node.js nor libraries, nor what only Node.js runs.",
      severity: "error",
      from: { path: "^reports/html/(view|client)/" },
      to: {
        pathNot: "^(core|audit|policies)/|^reports/(vocabulary/|html/(view|client)/|html/model\\.ts$)",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "the-vocabulary-of-reports-runs-in-browsers",
      severity: "error",
      from: { path: "^reports/vocabulary/" },
      to: { pathNot: "^(core|audit|policies|reports/vocabulary)/", dependencyTypesNot: ["type-only"] },
    },
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "pulumi-stays-outside",
      comment: "The command, the reports and the rules run without Pulumi's SDKs.",
      severity: "error",
      from: { path: "^(core|client|resources|audit|notices|history|reports|cli)/|^policies/rules/" },
      to: { path: PULUMI },
    },
    {
      name: "rules-are-pure",
      severity: "error",
      from: { path: "^policies/rules/", pathNot: "/(all|index)\\.ts$" },
      to: { path: "^policies/rules/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "rules-do-not-use-node",
      severity: "error",
      from: { path: "^policies/rules/" },
      to: { dependencyTypes: ["core"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|policies/dist|plugin/dist)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["require", "node", "types"] },
  },
};
