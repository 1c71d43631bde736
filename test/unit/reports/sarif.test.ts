import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, it } from "mocha";
import type { Log, Result, Run } from "sarif";
import type { Finding } from "../../../audit/result";
import { MAX_RESULTS, sarifReport } from "../../../reports/sarif";
import { auditHeader, FAILURE, HOSTILE_USER, STACK_FINDING, USERS, write, writeAll } from "./fixture";
import { isSarif, readSarif } from "./validators";

describe("The SARIF report", () => {
  it("has a result a finding, by the OASIS schema", () => {
    const { results } = readSarif(writeAll(sarifReport));
    assert.deepEqual(
      results.map(({ level, ruleId, baselineState, suppressions }) => [
        level,
        ruleId,
        baselineState,
        suppressions?.length,
      ]),
      [
        ["error", "could-not-judge", undefined, 0],
        ["error", "tokens-must-expire", "new", 0],
        ["error", "tokens-must-expire", "new", 1],
        ["error", "max-token-lifetime", "unchanged", 0],
        ["warning", "token-expiring-soon", "new", 0],
        ["error", "inventory-covered", undefined, 0],
      ],
    );
    assert.ok(!isSarif({ version: "2.1.0", runs: [{ results: [] }] }));
  });

  it("says all about a finding and its waiver", () => {
    const fingerprint = USERS[1]?.findings[1]?.fingerprint;
    assert.deepEqual(readSarif(write(sarifReport, USERS)).results[1], {
      ruleId: "tokens-must-expire",
      ruleIndex: 3,
      level: "error",
      message: {
        text: `svc_bi / "vendor" (84b74c35-73ae-4402-8479-58b9915218e2): never expires. Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.`,
      },
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: "Pulumi.yaml" }, region: { startLine: 1 } },
          logicalLocations: [{ fullyQualifiedName: "svc_bi", name: "svc_bi", kind: "user" }],
        },
      ],
      partialFingerprints: { "motherduckTokens/v2": fingerprint, primaryLocationLineHash: `${fingerprint}:1` },
      suppressions: [
        {
          kind: "external",
          status: "accepted",
          justification:
            "waived by WVR-2026-014 until 2026-03-31 (data-platform@example.com): The vendor cannot rotate yet",
        },
      ],
      baselineState: "new",
      properties: {
        severity: "high",
        enforcementLevel: "mandatory",
        username: "svc_bi",
        tokenId: "84b74c35-73ae-4402-8479-58b9915218e2",
        tokenName: "vendor",
        waiver: {
          id: "WVR-2026-014",
          rule: "tokens-must-expire",
          user: "svc_bi",
          reason: "The vendor cannot rotate yet",
          owner: "data-platform@example.com",
          ticket: "SEC-421",
          expires: "2026-03-31",
        },
      },
    });
  });

  it("describes each rule, also one that is disabled", () => {
    const { tool } = readSarif(write(sarifReport, []));
    const { rules = [] } = tool.driver;
    assert.deepEqual(
      rules.map(({ id }) => id),
      auditHeader().rules.map(({ name }) => name),
    );
    assert.deepEqual(rules.find(({ id }) => id === "max-token-age")?.defaultConfiguration, { enabled: false });
    const severities: Record<string, unknown> = Object.fromEntries(
      rules.map(({ id, properties }) => [id, properties?.["security-severity"]]),
    );
    assert.equal(severities["deprovisioned-user-has-tokens"], "9.5");
    assert.equal(severities["tokens-must-expire"], "8.0");
    assert.equal(severities["max-token-lifetime"], "5.0");
    assert.equal(severities["token-expiring-soon"], "2.0");
    assert.equal(
      rules.find(({ id }) => id === "tokens-must-expire")?.help?.markdown,
      `Every API token has a date on which it expires.

**Why**: A token that never expires works for whoever finds it, until somebody notices. MotherDuck makes such a token when no ttl is given, and has no policy against it.

**How to fix**: Create a replacement with a ttl, switch its consumers, then revoke the token that never expires.

**Controls**:

- NIST 800-53r5 IA-5 f
- CIS Controls v8 5.1
- OWASP NHI7:2025 Long-Lived Secrets

More in \`docs/rules/tokens-must-expire.md\` of the package \`pulumi-motherduck-tokens\`.`,
    );
  });

  it("is of a run that did not succeed when something could not be judged", () => {
    const [invocation] = readSarif(write(sarifReport, USERS.slice(0, 1), { failures: [FAILURE] })).invocations ?? [];
    assert.deepEqual(invocation, {
      executionSuccessful: false,
      exitCode: 2,
      toolExecutionNotifications: [
        {
          descriptor: { id: "summary" },
          level: "error",
          message: {
            text: "Incomplete: 1 failure. What could not be read or judged is not clean. No findings. Judged 1 user with 2 tokens by 14 rules. Disabled: max-token-age.",
          },
        },
        {
          descriptor: { id: "could-not-judge" },
          level: "error",
          message: { text: `svc_etl: ${FAILURE.message}` },
        },
      ],
    });
  });

  it("has a result for what could not be judged: viewers show no notifications", () => {
    const failures = [FAILURE, { ...FAILURE, message: "again" }];
    const { results, tool } = readSarif(write(sarifReport, USERS.slice(0, 1), { failures }));
    assert.deepEqual(
      results.map(({ level, message }) => [level, message.text]),
      [
        ["error", `Not judged: svc_etl: ${FAILURE.message}`],
        ["error", "Not judged: svc_etl: again"],
      ],
    );
    const rule = tool.driver.rules?.[results[0]?.ruleIndex ?? -1];
    assert.deepEqual([rule?.id, results[0]?.ruleId], ["could-not-judge", "could-not-judge"]);
    assert.equal(new Set(results.map(({ partialFingerprints: prints }) => prints?.primaryLocationLineHash)).size, 2);
  });

  it("is of a run that succeeded, with what was judged, when nothing was found", () => {
    const { invocations, results } = readSarif(write(sarifReport, USERS.slice(0, 1)));
    assert.deepEqual([results, invocations?.[0]?.executionSuccessful, invocations?.[0]?.exitCode], [[], true, 0]);
    const [note] = invocations?.[0]?.toolExecutionNotifications ?? [];
    assert.equal(note?.level, "note");
    assert.equal(
      note?.message.text,
      "Clean: no findings. Judged 1 user with 2 tokens by 14 rules. Disabled: max-token-age.",
    );
  });

  it("points at the file that is named, as a URI", () => {
    for (const [location, uri] of [
      ["infra/Pulumi.yaml", "infra/Pulumi.yaml"],
      ["infra\\my rules.yaml", "infra/my%20rules.yaml"],
      ["a#b?c.yaml", "a%23b%3Fc.yaml"],
      ["C:\\repo\\my rules.yaml", "file:///C:/repo/my%20rules.yaml"],
      ["c:/repo/a#b.yaml", "file:///c:/repo/a%23b.yaml"],
      ["\\\\server\\share\\a.yaml", "file://server/share/a.yaml"],
      ["/repo/a b.yaml", "file:///repo/a%20b.yaml"],
      ["a:b.yaml", "./a:b.yaml"],
      ["C:a.yaml", "./C:a.yaml"],
      ["x/a:b.yaml", "x/a:b.yaml"],
    ] as const) {
      const { results } = readSarif(write(sarifReport, [], { findings: [STACK_FINDING] }, auditHeader({ location })));
      assert.equal(results[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri, uri);
    }
  });

  it("keeps evidence of different files apart", () => {
    const id = (kind: "api" | "state" | "events", name: string) =>
      readSarif(write(sarifReport, [], {}, auditHeader({ source: { kind, name } }))).automationDetails?.id;
    assert.equal(id("api", "https://api.motherduck.com"), "motherduck-tokens/api/");
    assert.equal(id("state", "/tmp/exports/prod.json"), "motherduck-tokens/state/prod.json/");
    assert.equal(id("state", "C:\\exports\\dev.json"), "motherduck-tokens/state/dev.json/");
    assert.equal(id("events", "-"), "motherduck-tokens/events/");
  });

  it("tells two results with one fingerprint apart, and names the resource", () => {
    const { results } = readSarif(write(sarifReport, [HOSTILE_USER, HOSTILE_USER]));
    const hashes = results.map(({ partialFingerprints }) => partialFingerprints?.primaryLocationLineHash);
    assert.equal(new Set(hashes).size, 16);
    const urn = "urn:pulumi:dev::tokens::pulumi-nodejs:dynamic/motherduck:UserTokens::svc_bi";
    const finding = { ...STACK_FINDING, username: "svc_bi", urn };
    const [result] = readSarif(write(sarifReport, [], { findings: [finding] })).results;
    assert.deepEqual(result?.locations?.[0]?.logicalLocations, [
      { fullyQualifiedName: urn, name: "svc_bi", kind: "resource" },
    ]);
  });

  describe("with more than GitHub takes", () => {
    const many = (rule: string, severity: "critical" | "low", number: number): Finding[] =>
      Array.from({ length: number }, (_, index) => ({
        ...STACK_FINDING,
        rule,
        severity,
        fingerprint: `${rule}${index}`,
      }));

    it("has all that GitHub takes, and says nothing of a limit", () => {
      const { results, tool } = readLarge(write(sarifReport, [], { findings: many("mild", "low", MAX_RESULTS) }));
      assert.equal(results.length, MAX_RESULTS);
      assert.equal(tool.driver.rules?.at(-1)?.id, auditHeader().rules.at(-1)?.name);
    });

    it("keeps what could not be judged and the most severe, and says what was left out", () => {
      const findings = [...many("mild", "low", MAX_RESULTS), ...many("bad", "critical", 1000)];
      const { results, tool, invocations } = readLarge(write(sarifReport, [], { findings, failures: [FAILURE] }));
      assert.equal(results.length, MAX_RESULTS);
      const of = (rule: string) => results.filter(({ ruleId }) => ruleId === rule).length;
      assert.deepEqual([of("could-not-judge"), of("bad"), of("left-out")], [1, 1000, 1]);
      const text =
        "Left out here: 1,002 findings. GitHub takes 25,000 results and 10 MB; the most severe are here, the other reports have them all.";
      assert.equal(results[0]?.message.text, text);
      assert.equal(tool.driver.rules?.[results[0]?.ruleIndex ?? -1]?.id, "left-out");
      const told = invocations?.[0]?.toolExecutionNotifications?.map(({ message }) => message.text);
      assert.equal(told?.[1], text);
    });

    it("says so, too, where more could not be judged than fits", () => {
      const failures = Array.from({ length: MAX_RESULTS + 9 }, (_, index) => ({
        subject: `user${index}`,
        message: "x",
      }));
      const findings = many("bad", "critical", 2);
      const { results, invocations } = readLarge(write(sarifReport, [], { findings, failures }));
      assert.equal(results.length, MAX_RESULTS);
      assert.match(
        results[0]?.message.text ?? "",
        /^Left out here: 10 things that could not be judged and 2 findings\./,
      );
      assert.equal(invocations?.[0]?.executionSuccessful, false);
    });

    it("is made smaller where it is too large in bytes", () => {
      const findings = many("bad", "critical", 20_000).map((finding) => ({
        ...finding,
        message: randomBytes(500).toString("base64"),
      }));
      const text = write(sarifReport, [], { findings, failures: [FAILURE] });
      assert.ok(gzipSync(text).length <= 10_000_000, String(gzipSync(text).length));
      const { results } = readLarge(text);
      assert.deepEqual([results[0]?.ruleId, results[1]?.ruleId], ["left-out", "could-not-judge"]);
      assert.ok(results.length > 5000, String(results.length));
    });

    /** The schema is held elsewhere: so many results take it a minute. */
    const readLarge = (text: string) => (JSON.parse(text) as Log).runs[0] as Run & { results: Result[] };
  });

  it("has no link that a name made", () => {
    const texts = readSarif(write(sarifReport, [HOSTILE_USER])).results.map(({ message }) => message.text ?? "");
    assert.ok(texts.some((text) => text.includes(String.raw`\[f\](http://evil.example)`)));
    for (const text of texts) assert.doesNotMatch(text, /(?<!\\)\]\(/);
  });
});
