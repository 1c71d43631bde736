import assert from "node:assert/strict";
import type { Policies } from "@pulumi/policy";
import * as server from "@pulumi/policy/server";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { describe, it } from "mocha";
import { rules } from "../../../policies/rules";
import { analyzeResource, analyzeStack, type TestResource, token, unknown, userTokens } from "../../../testing";
import { at, configured, endlessToken, NOW, userToken } from "../support";

// What the SDK leaves out of its types: the functions behind the engine's calls.
type Rpc = (pack: string, version: string, level: string, policies: Policies) => (call: object, done: Done) => unknown;
type Done = (error: Error | undefined, response: proto.AnalyzeResponse) => void;
const { makeAnalyzeRpcFun, makeAnalyzeStackRpcFun } = server as unknown as Record<string, Rpc>;
const { Struct } = requireStruct();

const SEVERITIES = ["unspecified", "low", "medium", "high", "critical"];
const LEVELS = ["advisory", "mandatory", "disabled", "remediate"];
const waiver = { id: "W", rule: "tokens-must-expire", user: "ada", reason: "It is a long story.", owner: "me" };
const config = { waivers: [{ ...waiver, expires: "2026-04-01" }], rules: { "inventory-covered": { users: ["bob"] } } };

const RESOURCES: Record<string, TestResource> = {
  "good evidence": userTokens("ada", [userToken({ id: "a" })], { fetchedAt: at(0) }),
  "evidence with violations": userTokens("svc_bi", [
    endlessToken({ id: "b" }),
    userToken({ id: "a", expireAt: at(999) }),
  ]),
  "evidence with a waiver": userTokens("ada", [endlessToken({ id: "a" })], { fetchedAt: at(0) }),
  "evidence without tokens": { props: { username: "ada" } },
  "evidence with a name that is null": { props: { ...userTokens("ada").props, tokens: [{ ...token(), name: null }] } },
  "evidence of an administrator": {
    type: "motherduck-tokens:index:OrganizationTokens",
    props: {
      users: [{ username: "ada", roles: ["admin"], isDeprovisioned: false, tokens: [endlessToken({ id: "a" })] }],
      _provenance: { apiUrl: "https://api.motherduck.com", fetchedAt: at(0) },
    },
  },
  "unknown evidence": { props: { username: "ada", tokens: [token(), unknown.object] } },
  "another resource": { type: "aws:s3/bucket:Bucket", props: { tags: [] } },
};

describe("What the test helpers say is what the SDK's own server says", () => {
  for (const [title, resource] of Object.entries(RESOURCES)) {
    it(`of ${title}, by resource policies`, async () => {
      const request = new proto.AnalyzeRequest();
      fill(request, resource);
      const expected = await ask(makeAnalyzeRpcFun, request, [...configured(config), ...ODD]);
      assert.deepEqual(await flat(analyzeResource([...configured(config), ...ODD], resource)), expected);
    });
  }

  it("of all these resources, by stack policies", async () => {
    const resources = Object.values(RESOURCES);
    const request = new proto.AnalyzeStackRequest();
    request.setResourcesList(
      resources.map((resource) => {
        const item = new proto.AnalyzerResource();
        fill(item, resource);
        return item;
      }),
    );
    const expected = await ask(makeAnalyzeStackRpcFun, request, [...configured(config), ...ODD]);
    assert.deepEqual(await flat(analyzeStack([...configured(config), ...ODD], resources)), expected);
    assert.ok(expected.violations.length > 0 && rules.length > 0 && NOW > 0);
  });
});

/** Policies that do what others' policies may do. */
const ODD = [
  { name: "reads", description: "d", validateResource: ({ props }) => void JSON.stringify(props) },
  { name: "object", description: "d", validateResource: (_args, report) => report({ name: "n" } as never) },
  { name: "severe", description: "d", validateResource: (_args, report) => report({ severity: "critical" } as never) },
  { name: "nothing", description: "d", validateResource: (_args, report) => report("") },
  { name: "off", description: "d", enforcementLevel: "disabled", validateResource: (_args, report) => report("") },
  { name: "fix", description: "d", enforcementLevel: "remediate", remediateResource: () => {} },
  { name: "both", description: "d", enforcementLevel: "remediate", validateResource: (_args, report) => report("x") },
  {
    name: "stack",
    description: "d",
    validateStack: (args, report) => report(args.resources.map(({ urn }) => urn).join()),
  },
] satisfies Policies as Policies;

function fill(request: proto.AnalyzeRequest | proto.AnalyzerResource, resource: TestResource): void {
  const { type = "pulumi-nodejs:dynamic/motherduck:UserTokens", name = "resource", props } = resource;
  request.setType(type);
  request.setName(name);
  request.setUrn(`urn:pulumi:test::test::${type}::${name}`);
  request.setProperties(Struct.fromJavaScript(JSON.parse(JSON.stringify(props)) as never) as never);
  const options = new proto.AnalyzerResourceOptions();
  request.setOptions(options);
}

interface Flat {
  violations: string[];
  notApplicable: string[];
}

function ask(make: Rpc | undefined, request: object, policies: Policies): Promise<Flat> {
  return new Promise((resolve, reject) => {
    const call = make?.("testing", "0.0.0", "advisory", policies);
    void call?.({ request }, (error, response) => {
      if (error) return reject(error);
      resolve({
        violations: response.getDiagnosticsList().map((diagnostic) => {
          // The server puts the description above a plain text; the helpers leave that to the engine.
          const [message, about] = [diagnostic.getMessage(), `${diagnostic.getDescription()}\n`];
          const text = message.startsWith(about) ? message.slice(about.length) : message;
          const [level, severity] = [diagnostic.getEnforcementlevel(), diagnostic.getSeverity()];
          return `${diagnostic.getPolicyname()} ${LEVELS[level]} ${SEVERITIES[severity]} ${text}`;
        }),
        notApplicable: response.getNotApplicableList().map((item) => `${item.getPolicyName()} ${item.getReason()}`),
      });
    });
  });
}

async function flat(analysis: ReturnType<typeof analyzeResource>): Promise<Flat> {
  const { violations, notApplicable } = await analysis;
  return {
    violations: violations.map(({ policy, enforcementLevel, severity = severityOf(policy), message }) =>
      [policy, enforcementLevel, severity, message].join(" "),
    ),
    notApplicable: notApplicable.map(({ policy, reason }) => `${policy} ${reason}`),
  };
}

/** What a policy is that reports no severity of its own. */
function severityOf(policy: string): string {
  return [...configured(config), ...ODD].find(({ name }) => name === policy)?.severity ?? "unspecified";
}

/** The class that the SDK's messages are made of: a dependency of the SDK, not of this package. */
function requireStruct(): { Struct: { fromJavaScript: (value: never) => object } } {
  const from = require.resolve("@pulumi/pulumi/proto/analyzer_pb");
  const file = require.resolve("google-protobuf/google/protobuf/struct_pb.js", { paths: [from] });
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it is found at run time
  return require(file) as ReturnType<typeof requireStruct>;
}
