/** The files of a project whose program is this. */
export function projectFiles(source: string): Record<string, string> {
  return {
    "Pulumi.yaml": "name: program\nruntime: nodejs\n",
    "package.json": `{ "name": "program", "version": "1.0.0", "main": "index.js" }`,
    "index.js": `const pulumi = require("@pulumi/pulumi");\nconst md = require("pulumi-motherduck-tokens");\n${source}\n`,
  };
}

/** The files of a policy pack in the folder `name`, with one policy given as JavaScript; it is mandatory. */
export function packFiles(name: string, policy: string): Record<string, string> {
  return {
    [`${name}/PulumiPolicy.yaml`]: `name: ${name}\nruntime: nodejs\nversion: 1.0.0\n`,
    [`${name}/package.json`]: JSON.stringify({ name, version: "1.0.0", main: "index.js" }),
    [`${name}/index.js`]:
      `const { PolicyPack } = require("@pulumi/policy");\n` +
      `new PolicyPack("${name}", { enforcementLevel: "mandatory", policies: [${policy}] });\n`,
  };
}
