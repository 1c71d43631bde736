import assert from "node:assert/strict";
import fc from "fast-check";
import { XMLParser } from "fast-xml-parser";
import { describe, it } from "mocha";
import type { JudgedUser } from "../../../audit/result";
import { junitReport } from "../../../reports/junit";
import { endlessToken } from "../support";
import { tokensMustExpire } from "../../../policies/rules";
import { auditHeader, FAILURE, HOSTILE_USER, judged, STACK_FINDING, USERS, write, writeAll } from "./fixture";
import { assertJunit } from "./validators";

interface Suite {
  readonly "@name": string;
  readonly testcase: readonly {
    "@name": string;
    "@classname": string;
    failure?: { "@message": string };
    skipped?: string;
    error?: object;
  }[];
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  isArray: (name) => ["testsuite", "testcase", "property"].includes(name),
  parseAttributeValue: false,
  parseTagValue: false,
  trimValues: false,
});

function read(xml: string): Suite[] {
  return (parser.parse(xml) as { testsuites: { testsuite: Suite[] } }).testsuites.testsuite;
}

/** A case a line: how it ended, and its name. */
function outcomes(suites: readonly Suite[]): string[] {
  return suites.flatMap((suite) =>
    suite.testcase.map(
      (one) =>
        `${suite["@name"]}: ${["failure", "error", "skipped"].find((key) => key in one) ?? "passed"} ${one["@name"]}`,
    ),
  );
}

describe("The JUnit report", () => {
  it("has a suite a user, and one for the audit", async () => {
    const xml = writeAll(junitReport);
    await assertJunit(xml);
    assert.deepEqual(outcomes(read(xml)), [
      `ada: passed all rules: "laptop" (ada-1)`,
      `ada: passed all rules: "ci" (ada-2)`,
      `svc_bi: failure tokens-must-expire: "dashboards" (b93b4bae-a030-4018-8718-59e7a1b1fcda)`,
      `svc_bi: skipped tokens-must-expire: "vendor" (84b74c35-73ae-4402-8479-58b9915218e2)`,
      `svc_bi: failure max-token-lifetime: "nightly" (7c1f0000-0000-4000-8000-000000000001)`,
      `svc_bi: skipped token-expiring-soon: "export" (4cf1213b-982f-4ab7-8b91-36c04d3c2aa2)`,
      `grace: passed all rules: no tokens`,
      `the audit: error not judged: svc_etl`,
      `the audit: failure inventory-covered`,
    ]);
  });

  it("is, to the letter, this", async () => {
    const users = [...USERS.slice(1, 2)];
    const xml = write(
      junitReport,
      users,
      {},
      auditHeader({ failOnNew: true, source: { kind: "state", name: "prod.json" } }),
    );
    await assertJunit(xml);
    assert.equal(
      xml,
      `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
<testsuite name="svc_bi" package="motherduck-tokens" id="0" tests="4" failures="1" errors="0" skipped="3" time="0" timestamp="2026-03-01T12:00:00" hostname="localhost">
  <properties>
    <property name="tokens" value="4"/>
    <property name="serviceAccount" value="true"/>
    <property name="fetchedAt" value="2026-03-01T12:00:00.000Z"/>
  </properties>
  <testcase name="tokens-must-expire: &quot;dashboards&quot; (b93b4bae-a030-4018-8718-59e7a1b1fcda)" classname="svc_bi" time="0">
    <failure type="mandatory, high" message="svc_bi / &quot;dashboards&quot; (b93b4bae-a030-4018-8718-59e7a1b1fcda): never expires. Create a replacement with ttl &lt;= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.">svc_bi / &quot;dashboards&quot; (b93b4bae-a030-4018-8718-59e7a1b1fcda): never expires. Create a replacement with ttl &lt;= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.</failure>
  </testcase>
  <testcase name="tokens-must-expire: &quot;vendor&quot; (84b74c35-73ae-4402-8479-58b9915218e2)" classname="svc_bi" time="0">
    <skipped/>
  </testcase>
  <testcase name="max-token-lifetime: &quot;nightly&quot; (7c1f0000-0000-4000-8000-000000000001)" classname="svc_bi" time="0">
    <skipped/>
  </testcase>
  <testcase name="token-expiring-soon: &quot;export&quot; (4cf1213b-982f-4ab7-8b91-36c04d3c2aa2)" classname="svc_bi" time="0">
    <skipped/>
  </testcase>
  <system-out>skipped tokens-must-expire: &quot;vendor&quot; (84b74c35-73ae-4402-8479-58b9915218e2) [mandatory, high] svc_bi / &quot;vendor&quot; (84b74c35-73ae-4402-8479-58b9915218e2): never expires. Create a replacement with ttl &lt;= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one. (waived by WVR-2026-014 until 2026-03-31 (data-platform@example.com): The vendor cannot rotate yet)
skipped max-token-lifetime: &quot;nightly&quot; (7c1f0000-0000-4000-8000-000000000001) [mandatory, medium] svc_bi / &quot;nightly&quot; (7c1f0000-0000-4000-8000-000000000001): lifetime 230 days exceeds 90 days. Create a replacement with ttl &lt;= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one. (in the baseline)
skipped token-expiring-soon: &quot;export&quot; (4cf1213b-982f-4ab7-8b91-36c04d3c2aa2) [advisory, low] svc_bi / &quot;export&quot; (4cf1213b-982f-4ab7-8b91-36c04d3c2aa2): expires in 3 days (2026-03-04T12:00:00.000Z), within 14 days. Create a replacement with ttl &lt;= 7776000 (people create theirs in their own settings), switch its consumers before that.</system-out>
  <system-err/>
</testsuite>
<testsuite name="the audit" package="motherduck-tokens" id="1" tests="1" failures="0" errors="0" skipped="0" time="0" timestamp="2026-03-01T12:00:00" hostname="localhost">
  <properties>
    <property name="version" value="1.2.3"/>
    <property name="source" value="stack export from prod.json"/>
    <property name="now" value="2026-03-01T12:00:00.000Z"/>
    <property name="failOn" value="mandatory"/>
    <property name="exitCode" value="1"/>
    <property name="outcome" value="Failed: 1 mandatory finding, 1 advisory finding, 1 known, 1 waived. Judged 1 user with 4 tokens by 14 rules. Disabled: max-token-age."/>
  </properties>
  <testcase name="everything was judged" classname="the audit" time="0"/>
  <system-out/>
  <system-err/>
</testsuite>
</testsuites>
`,
    );
  });

  it("fails advisory findings where they fail the audit", () => {
    const failing = (failOn: "mandatory" | "advisory" | "none") =>
      outcomes(read(write(junitReport, USERS, {}, auditHeader({ failOn })))).filter((line) => / failure /.test(line))
        .length;
    assert.deepEqual([failing("mandatory"), failing("advisory"), failing("none")], [2, 3, 2]);
  });

  it("has an error for what could not be judged, also without anything else", async () => {
    const xml = write(junitReport, [], { failures: [FAILURE, FAILURE] });
    await assertJunit(xml);
    assert.deepEqual(outcomes(read(xml)), [
      "the audit: error not judged: svc_etl",
      "the audit: error not judged: svc_etl #2",
    ]);
  });

  it("gives each case a class and name of which there is only one: consumers keep the first", async () => {
    const about = (rule: string, subject: string) => ({ ...STACK_FINDING, rule, subject });
    const findings = [
      about("inventory-covered", "svc_gone"),
      about("inventory-covered", "svc_left"),
      about("waiver-hygiene", "WVR-1"),
      about("waiver-hygiene", "WVR-1"),
      STACK_FINDING,
      STACK_FINDING,
    ];
    const token = endlessToken({ id: "t1", name: "x" });
    const bi = judged("svc_bi", [token, token], [tokensMustExpire]);
    const users = [
      bi,
      { ...bi, urn: "urn:a" },
      { ...bi, urn: "urn:a" },
      judged("the audit", []),
      // XML has neither of these characters.
      { ...judged("x", []), username: "x\ufffe" },
      { ...judged("x", []), username: "x\uffff" },
    ];
    const xml = write(junitReport, users, { findings, failures: [FAILURE, FAILURE] });
    await assertJunit(xml);
    const suites = read(xml);
    const names = suites.flatMap((suite) => suite.testcase.map((one) => `${one["@classname"]}/${one["@name"]}`));
    assert.equal(new Set(names).size, names.length, names.join("\n"));
    assert.deepEqual(
      suites.map((suite) => suite["@name"]),
      ["svc_bi", "svc_bi (urn:a)", "svc_bi (urn:a) #2", "the audit #2", "x\ufffd", "x\ufffd #2", "the audit"],
    );
    assert.deepEqual(
      suites.at(-1)?.testcase.map((one) => one["@name"]),
      [
        "not judged: svc_etl",
        "not judged: svc_etl #2",
        "inventory-covered: svc_gone",
        "inventory-covered: svc_left",
        "waiver-hygiene: WVR-1",
        "waiver-hygiene: WVR-1 #2",
        "inventory-covered",
        "inventory-covered #2",
      ],
    );
  });

  it("takes any characters, also those that XML does not have", async () => {
    await assertJunit(write(junitReport, [HOSTILE_USER], { findings: [STACK_FINDING], failures: [FAILURE] }));
    const raw = (text: string): JudgedUser => ({
      ...judged("ada", [endlessToken({ id: "1" })], [tokensMustExpire], () => ({})),
      username: `x${text}`,
      urn: text,
    });
    await assertJunit(
      write(junitReport, [raw("\u0000\u0008\u001b]]>\ufffe\uffff\ud800<![CDATA[&amp;\ud83e\udd86 &#0;")]),
    );
    // eslint-disable-next-line no-control-regex -- these are what XML does not have
    const ILLEGAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        // Line ends are one to XML.
        const [suite] = read(write(junitReport, [raw(text)]));
        assert.equal(suite?.["@name"], `x${text.replace(ILLEGAL, "\ufffd").toWellFormed().replace(/\r\n?/g, "\n")}`);
      }),
    );
  });

  it("cannot be read when it is cut off", async () => {
    const writer = junitReport(auditHeader(), { color: false });
    const xml = USERS.map((user) => writer.user(user)).join("");
    await assert.rejects(assertJunit(xml), /jenkins: .*testsuites/);
  });
});
