import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { DAY } from "../../../core/duration";
import type { UserToken } from "../../../core/user-token";
import { formatViolation, type UserEvidence, type UserRule, type Violation } from "../../../policies/rule";
import { userRules } from "../../../policies/rules";
import { resolveRuleSettings } from "../../../policies/configuration/settings";
import { createRandom } from "../../../tools/random";
import { randomSettings } from "../../random-settings";
import { at, LIMITS, NOW, userToken } from "../support";

/** Globs, usernames and patterns at once. */
const TEXTS = ["a*", "^n", "svc_bi", "constructor", "https://api.eu-central-1.motherduck.com"];

/** How often each property is tried. */
const RUNS = { numRuns: 300 };

type Settings = Parameters<UserRule["check"]>[1];

/** Settings of a rule: its defaults, and whatever else its schema allows. */
const settingsOf = (rule: UserRule) =>
  fc
    .oneof(
      { arbitrary: fc.constant({}), weight: 1 },
      { arbitrary: fc.nat().map((seed) => randomSettings(rule, createRandom(seed), () => TEXTS)), weight: 3 },
    )
    .map((config) => resolveRuleSettings(rule, config));

/** A token with a name of its own that changes nothing for others. */
const COMPLIANT = userToken({
  id: "compliant",
  name: "n-compliant",
  createdTs: at(0),
  expireAt: at(0, 91 * DAY),
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
      // Without what no message may hold that does not come from a name.
      id: fc.string({ minLength: 1, maxLength: 4 }).filter((id) => !/null|NaN/.test(id)),
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
  describe(`${rule.name}, whatever its settings,`, () => {
    const settings = settingsOf(rule);
    const check = (evidence: UserEvidence, set: Settings) => rule.check(evidence, set, NOW, LIMITS);

    it("finds the same, whatever the order of the tokens", () => {
      fc.assert(
        fc.property(settings, shuffled, (set, [one, other]) => {
          assert.deepEqual(findings(check(one, set)), findings(check(other, set)));
        }),
        RUNS,
      );
    });

    it("finds what it found when a token is added that is fine", () => {
      fc.assert(
        fc.property(settings, user, fc.nat(), (set, evidence, place) => {
          const list = evidence.tokens.toSpliced(place % (evidence.tokens.length + 1), 0, COMPLIANT);
          const about = (violations: Violation[]) => violations.filter(({ tokenId }) => tokenId !== undefined);
          assert.deepEqual(
            about(check({ ...evidence, tokens: list }, set)).filter(({ tokenId }) => tokenId !== COMPLIANT.id),
            about(check(evidence, set)),
          );
        }),
        RUNS,
      );
    });

    it("says the same when it is asked again, and changes nothing of what it is given", () => {
      fc.assert(
        fc.property(settings, user, (set, evidence) => {
          const before = structuredClone({ evidence, set });
          const first = check(deepFreeze(evidence), deepFreeze(set));
          assert.deepEqual({ evidence, set }, before);
          assert.deepEqual(check(structuredClone(evidence), set), first);
        }),
        RUNS,
      );
    });

    it("names tokens of the user only, once each, in their order, in text that is safe to print", () => {
      fc.assert(
        fc.property(settings, user, (set, evidence) => {
          const violations = check(evidence, set);
          const ids = violations.map(({ tokenId }) => tokenId).filter((id) => id !== undefined);
          const order = evidence.tokens.map(({ id }) => id).filter((id) => ids.includes(id));
          assert.deepEqual(ids, order);
          for (const violation of violations) {
            assert.doesNotMatch(formatViolation(violation), /\p{Cc}|undefined|null|NaN/u);
            // The formatter ends the fact.
            if (violation.fix !== undefined) assert.match(violation.fact, /[^.]$/);
          }
        }),
        RUNS,
      );
    });
  });
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
