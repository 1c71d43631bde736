// `npm run bench:pack`: what the policies of the pack cost in the SDK's own analysis, without the engine, beside as many
// policies that do nothing: the SDK copies a resource's properties for each policy.
import { AnalyzerResourceOptions, AnalyzeRequest, type AnalyzeResponse } from "@pulumi/pulumi/proto/analyzer_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { DEFAULT_API_URL } from "../core/api-url";
import { daysToMs } from "../core/duration";
import { DYNAMIC_TYPES } from "../core/resource-types";
import type { UserToken } from "../core/user-token";
import { createPolicies } from "../policies/create-policy-pack";

const TOKENS_PER_USER = 5;
const ROUNDS = 5;
const NOW = Date.now();

type Analyze = (
  call: { request: AnalyzeRequest },
  callback: (error: Error | null | undefined, response?: AnalyzeResponse) => void,
) => void;

// Exported by the SDK, and left out of its types.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { makeAnalyzeRpcFun } = require("@pulumi/policy/server") as {
  makeAnalyzeRpcFun: (pack: string, version: string, level: string, policies: readonly object[]) => Analyze;
};

function tokens(): UserToken[] {
  return Array.from({ length: TOKENS_PER_USER }, (_, index) => ({
    id: `b93b4bae-a030-4018-8718-${String(index).padStart(12, "0")}`,
    name: `token-${index}`,
    createdTs: new Date(NOW - daysToMs(index + 1)).toISOString(),
    expireAt: new Date(NOW + daysToMs(60)).toISOString(),
    readOnly: index > 0,
    tokenType: index > 0 ? "read_scaling" : "read_write",
  }));
}

function requestOf(name: string, type: string, props: object): AnalyzeRequest {
  const options = new AnalyzerResourceOptions().setCustomtimeouts(new AnalyzerResourceOptions.CustomTimeouts());
  const struct = Struct.fromJavaScript(props as Parameters<typeof Struct.fromJavaScript>[0]);
  const urn = `urn:pulumi:dev::bench::${type}::${name}`;
  return new AnalyzeRequest().setType(type).setUrn(urn).setName(name).setOptions(options).setProperties(struct);
}

const provenance = { apiUrl: DEFAULT_API_URL, fetchedAt: new Date(NOW).toISOString() };

/** As many `UserTokens` as there are users. */
function single(users: number): AnalyzeRequest[] {
  return Array.from({ length: users }, (_, index) =>
    requestOf(`u${index}`, DYNAMIC_TYPES.userTokens, {
      username: `u${index}`,
      tokens: tokens(),
      _provenance: provenance,
    }),
  );
}

/** One `OrganizationTokens`. */
function organization(users: number): AnalyzeRequest[] {
  const all = Array.from({ length: users }, (_, index) => ({
    ...{ username: `u${index}`, isServiceAccount: false, isDeprovisioned: false },
    tokens: tokens(),
  }));
  return [requestOf("everybody", DYNAMIC_TYPES.organizationTokens, { users: all, _provenance: provenance })];
}

async function measure(policies: readonly object[], requests: readonly AnalyzeRequest[]): Promise<number> {
  const analyze = makeAnalyzeRpcFun("bench", "1.0.0", "advisory", policies);
  const started = process.cpuUsage();
  for (const request of requests) {
    await new Promise<void>((resolve, reject) => {
      analyze({ request }, (error) => (error ? reject(error) : resolve()));
    });
  }
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1e6;
}

async function main(): Promise<void> {
  const ours = createPolicies().filter(
    (policy): policy is ResourceValidationPolicy =>
      policy.enforcementLevel !== "disabled" && "validateResource" in policy,
  );
  const idle = ours.map(({ name }) => ({ name, description: name, validateResource() {} }));
  console.log(`${ours.length} policies; processor time in seconds, the best of ${ROUNDS} rounds\n`);
  console.log("resources                               one idle policy  as many idle ones  the pack");
  for (const [title, requests] of [
    ["1,000 UserTokens", single(1000)],
    ["1 OrganizationTokens with 1,000 users", organization(1000)],
    ["1 OrganizationTokens with 10,000 users", organization(10_000)],
  ] as const) {
    const best = [Infinity, Infinity, Infinity];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [place, policies] of [idle.slice(0, 1), idle, ours].entries()) {
        best[place] = Math.min(best[place] ?? Infinity, await measure(policies, requests));
      }
    }
    const [one = 0, many = 0, pack = 0] = best;
    console.log(
      `${title.padEnd(38)}  ${one.toFixed(2).padStart(15)}  ${many.toFixed(2).padStart(17)}  ${pack.toFixed(2).padStart(8)}`,
    );
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
