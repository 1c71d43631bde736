import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { UserToken } from "../../../core/user-token";
import { formatViolation, type UserEvidence, type Violation } from "../../../policies/rule";
import { userRules } from "../../../policies/rules";
import { resolveRuleSettings } from "../../../policies/configuration/settings";
import { at, LIMITS, NOW, userToken } from "../support";

/** Settings that make a rule look closer, besides its defaults, with which every rule is tried. */
const SETTINGS: Record<string, readonly object[]> = {
  "tokens-must-expire": [{}, { graceDays: 3 }, { tokenTypes: ["read_scaling"] }],
  "max-read-write-tokens": [{}, { max: 0 }, { max: 1, rotationOverlapDays: 7, perUser: { ada: 3 } }],
  "max-token-lifetime": [{}, { maxDays: 30, byType: { read_scaling: 60 } }],
  "max-token-age": [{}, { maxDays: 5, byType: { read_write: 1 } }],
  "token-expiring-soon": [{}, { warnDays: 90 }],
  "no-expired-tokens": [{}, { graceDays: 30 }],
  "max-tokens-per-user": [{}, { max: 0 }],
  "token-name-required": [{}, { pattern: "^n", flags: "i" }],
  "unique-token-names": [{}, { ignoreCase: true }],
  "read-scaling-only": [{}, { users: ["a*"] }],
  "token-fields-consistent": [{}, { clockSkewSeconds: 0 }],
  "deprovisioned-user-has-tokens": [{}],
  "admin-tokens-limited": [{}, { max: 0, maxDays: 90 }, { rotationOverlapDays: 30, onUnknown: "mandatory" }],
  "evidence-fresh": [{}, { maxAgeHours: 1 }],
  "evidence-origin": [{}, { apiUrls: ["https://api.eu-central-1.motherduck.com"] }],
  "evidence-verified": [{}],
};

/** A token with a name of its own that no rule has anything against, whatever the settings above. */
const COMPLIANT = userToken({
  id: "compliant",
  name: "n-compliant",
  createdTs: at(0),
  expireAt: at(0, 91 * 86_400_000),
  tokenType: "read_scaling",
});

const date = fc.oneof(
  fc.constantFrom("", "never", "2026-02-30", "2024-02-29", "9999-12-31T23:59:59Z", "2026-03-01T14:00:00+02:00"),
  fc.integer({ min: -400, max: 400 }).map((days) => at(days)),
  fc.integer({ min: -100_000, max: 100_000 }).map((milliseconds) => at(0, milliseconds)),
);
const name = fc.constantFrom("n", "N", "nightly", "", " ", "a\u001b", undefined, null as never);
const tokens = fc.uniqueArray(
  fc.record(
    {
      id: fc.string({ minLength: 1, maxLength: 4 }),
      name,
      expireAt: fc.oneof(date, fc.constantFrom(undefined, null as never)),
      createdTs: date,
      readOnly: fc.boolean(),
      tokenType: fc.constantFrom("read_write", "read_scaling", "read_future", ""),
    },
    { requiredKeys: ["id", "createdTs", "readOnly", "tokenType"], noNullPrototype: true },
  ),
  { selector: ({ id }) => id, maxLength: 6 },
) as fc.Arbitrary<UserToken[]>;
const user: fc.Arbitrary<UserEvidence> = fc.record(
  {
    username: fc.constantFrom("ada", "svc_bi", "constructor"),
    tokens,
    fetchedAt: date,
    isDeprovisioned: fc.boolean(),
    isListingExpected: fc.boolean(),
    isAdministrator: fc.boolean(),
  },
  { requiredKeys: ["username", "tokens"], noNullPrototype: true },
);
const shuffled = user.chain((evidence) =>
  fc
    .shuffledSubarray([...evidence.tokens], { minLength: evidence.tokens.length })
    .map((list) => [evidence, { ...evidence, tokens: list }] as const),
);

for (const rule of userRules) {
  it(`${rule.name} is tried with settings of its own, if it has any`, () => {
    const hasSettings = Object.keys(rule.settings.entries).length > 0;
    const tried = (SETTINGS[rule.name] ?? []).some((config) => Object.keys(config).length > 0);
    assert.equal(tried, hasSettings);
  });

  for (const config of SETTINGS[rule.name] ?? [{}]) {
    describe(`${rule.name} with ${JSON.stringify(config)}`, () => {
      const settings = resolveRuleSettings(rule, config);
      const check = (evidence: UserEvidence) => rule.check(evidence, settings, NOW, LIMITS);

      it("finds the same, whatever the order of the tokens", () => {
        fc.assert(
          fc.property(shuffled, ([one, other]) => {
            assert.deepEqual(findings(check(one)), findings(check(other)));
          }),
        );
      });

      it("finds what it found when a token is added that is fine", () => {
        fc.assert(
          fc.property(user, fc.nat(), (evidence, place) => {
            const list = evidence.tokens.toSpliced(place % (evidence.tokens.length + 1), 0, COMPLIANT);
            const about = (violations: Violation[]) => violations.filter(({ tokenId }) => tokenId !== undefined);
            assert.deepEqual(
              about(check({ ...evidence, tokens: list })).filter(({ tokenId }) => tokenId !== COMPLIANT.id),
              about(check(evidence)),
            );
          }),
        );
      });

      it("says the same when it is asked again, and changes nothing of what it is given", () => {
        fc.assert(
          fc.property(user, (evidence) => {
            const before = structuredClone({ evidence, settings });
            const first = check(deepFreeze(evidence));
            assert.deepEqual({ evidence, settings }, before);
            assert.deepEqual(check(structuredClone(evidence)), first);
          }),
        );
      });

      it("names tokens of the user only, once each, in their order, in text that is safe to print", () => {
        fc.assert(
          fc.property(user, (evidence) => {
            const violations = check(evidence);
            const ids = violations.map(({ tokenId }) => tokenId).filter((id) => id !== undefined);
            const order = evidence.tokens.map(({ id }) => id).filter((id) => ids.includes(id));
            assert.deepEqual(ids, order);
            for (const violation of violations) {
              assert.doesNotMatch(formatViolation(violation), /\p{Cc}|undefined|null|NaN/u);
              // The formatter ends the fact.
              if (violation.fix !== undefined) assert.match(violation.fact, /[^.]$/);
            }
          }),
        );
      });
    });
  }
}

/** Violations as a set: messages that list tokens do so in the order of the tokens. */
function findings(violations: Violation[]): string[] {
  return violations
    .map((violation) => `${violation.tokenId} ${[...formatViolation(violation).toLowerCase()].sort().join("")}`)
    .sort();
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
