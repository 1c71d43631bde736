import assert from "node:assert/strict";
import { PACK, type Sandbox } from "../../tools/sandbox";
import { assertOk, violationsIn } from "./support";

/** What the audit reports as JSON, as far as it matters here. */
export interface Audit {
  readonly users: { findings: Finding[] }[];
  readonly findings: Finding[];
  readonly failures: { subject: string; message: string }[];
}
interface Finding {
  readonly rule: string;
  readonly enforcementLevel: string;
  readonly message: string;
  readonly urn?: string;
  readonly waiver?: { id: string };
  readonly owner?: { name: string; foundBy: string };
}

/** Makes the engine print all its events. */
export const STREAMING = { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" };

/**
 * Previews the stack, and audits the preview's events: both must say the same.
 *
 * @returns the rules that fired.
 */
export async function assertAgreeOnEvents(stack: Sandbox, configFile: string): Promise<ReadonlySet<string>> {
  return new Set((await agreedOnEvents(stack, configFile)).map(([, rule]) => rule));
}

/** The same. @returns what was found: level, rule, and the resource with the message. */
export async function agreedOnEvents(
  stack: Sandbox,
  configFile: string,
): Promise<readonly (readonly [level: string, rule: string, text: string])[]> {
  const env = { ...STREAMING, MOTHERDUCK_TOKENS_CONFIG: configFile };
  const { stdout: stream } = await stack.pulumi(["preview", "--json", "--policy-pack", PACK], { env });
  const findings = await audit(stack, configFile, "--events", stream);
  const found = findings.map(({ rule, enforcementLevel, message, urn, owner, waiver }) => {
    const whose = owner ? ` [owned by ${owner.name} (${owner.foundBy})]` : "";
    return waiver
      ? `advisory ${rule} ${nameOf(urn)}: ${message}${whose} [waived by ${waiver.id}]`
      : `${enforcementLevel} ${rule} ${nameOf(urn)}: ${message}${whose}`;
  });
  // The pack and the audit look at the clock at different times.
  const withoutAges = (lines: string[]) =>
    lines.map((line) => line.replace(/read [\d.]+ (second|minute|hour)s? ago/, "read a while ago"));
  assert.deepEqual(withoutAges(found).sort(), withoutAges(policyEventsOf(stream)).sort());
  return found.map((line) => {
    const [level = "", rule = "", ...text] = line.split(" ");
    return [level, rule, text.join(" ")] as const;
  });
}

/** Updates the stack, without a gate, and audits its state: the pack must say the same of it. */
export async function assertAgreeOnState(stack: Sandbox, configFile: string): Promise<ReadonlySet<string>> {
  assertOk(await stack.pulumi(["up", "--yes", "--skip-preview"]));
  const env = { MOTHERDUCK_TOKENS_CONFIG: configFile };
  const analyzed = await stack.pulumi(["policy", "analyze", "--policy-pack", PACK], { env });
  const { stdout: state } = await stack.pulumi(["stack", "export"]);
  const findings = await audit(stack, configFile, "--state", state);
  const found = findings.map(
    ({ rule, enforcementLevel, urn, waiver }) => `${waiver ? "advisory" : enforcementLevel} ${rule} ${nameOf(urn)}`,
  );
  const reported = violationsIn(analyzed)
    .filter(({ policy }) => policy !== SEES_MORE)
    .map(({ level, policy, resource }) => `${level} ${policy} ${resource === "program-dev" ? "the stack" : resource}`);
  assert.deepEqual(found.sort(), reported.sort(), analyzed.output);
  return new Set(findings.map(({ rule }) => rule));
}

/** The audit sees the text of a dynamic provider, which the engine hides from policies: there the two do not agree. */
const SEES_MORE = "evidence-origin";

async function audit(stack: Sandbox, configFile: string, option: string, evidence: string): Promise<Finding[]> {
  stack.write({ evidence });
  const args = ["audit", option, "evidence", "--config", configFile, "--report", "json"];
  const { code, stdout, output } = await stack.run("motherduck-tokens", args);
  assert.equal(code, 1, output);
  const { users, findings, failures } = JSON.parse(stdout) as Audit;
  assert.deepEqual(failures, []);
  return [...users.flatMap((user) => user.findings), ...findings].filter(({ rule }) => rule !== SEES_MORE);
}

function nameOf(urn = "the stack"): string {
  return urn.split("::").at(-1) ?? urn;
}

/** What the engine's events say of violations: mostly the policy's description is a line of its own before the message. */
function policyEventsOf(stream: string): string[] {
  interface PolicyEvent {
    policyName: string;
    enforcementLevel: string;
    message: string;
    resourceUrn: string;
  }
  return stream
    .split("\n")
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { policyEvent?: PolicyEvent }).policyEvent)
    .filter((event) => event !== undefined)
    .filter(({ policyName }) => policyName !== SEES_MORE)
    .map(({ policyName, enforcementLevel, message, resourceUrn }) => {
      const resource = resourceUrn.includes("pulumi:pulumi:Stack") ? "the stack" : nameOf(resourceUrn);
      const text = message.trim().split("\n").at(-1) ?? "";
      return `${enforcementLevel} ${policyName} ${resource}: ${text.replace(/\[waived by (\S+) until .*\]$/, "[waived by $1]")}`;
    })
    .sort();
}
