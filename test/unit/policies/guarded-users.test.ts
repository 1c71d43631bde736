import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { DAY } from "../../../core/duration";
import { createGuardedUsers } from "../../../policies/guarded-users";
import { type JudgedViolation, judgeUser } from "../../../policies/judge-user";
import { createOwnReads } from "../../../policies/own-reads";
import type { UserEvidence, UserRule } from "../../../policies/rule";
import { maxTokenAge, maxTokensPerUser, tokensMustExpire } from "../../../policies/rules";
import { resolveRuleSettings } from "../../../policies/configuration/settings";
import type { GuardSettings } from "../../../policies/configuration/guard";
import { LIMITS, NOW, useStandIn, wireToken } from "../support";

describe("guarded users", () => {
  const api = useStandIn();
  const make = (guard: GuardSettings | undefined = { usernames: ["ada"] }) =>
    createGuardedUsers(createOwnReads({ api: {}, apiUrls: [api.standIn.url], guard }, { ...api.standIn.env }));

  /** The first violation of a user by a rule. */
  function violationOf(rule: UserRule, user: UserEvidence, { config = {}, now = NOW } = {}): JudgedViolation {
    const [violation] = judgeUser(rule, user, resolveRuleSettings(rule, config), () => [], now, LIMITS);
    assert.ok(violation, `${rule.name} finds nothing`);
    return violation;
  }

  it("are nobody where there is no guard", async () => {
    const guard = createGuardedUsers(createOwnReads({ api: {}, apiUrls: [] }));
    assert.equal(guard.isOn, false);
    assert.deepEqual(await guard.read(), { users: [] });
  });

  it("are judged once by each rule", () => {
    const guard = make();
    assert.deepEqual([guard.isOn, guard.isJudged], [true, false]);
    assert.equal(guard.isJudgedBy(tokensMustExpire), false);
    assert.equal(guard.isJudged, true);
    assert.deepEqual([guard.isJudgedBy(tokensMustExpire), guard.isJudgedBy(maxTokenAge)], [true, false]);
  });

  describe("of whom something was reported", () => {
    /** A guard that read ada, and what it read. */
    async function readAda() {
      api.standIn.users = { ada: [wireToken("a"), wireToken("b")], eve: [] };
      const guard = make();
      const [ada] = (await guard.read()).users;
      assert.ok(ada);
      return { guard, ada };
    }

    it("do not have it reported again, by the same rule", async () => {
      const { guard, ada } = await readAda();
      const violation = violationOf(tokensMustExpire, ada);
      assert.equal(guard.hasReported(tokensMustExpire, ada, violation), false, "it was not reported yet");
      guard.note(tokensMustExpire, violation);
      assert.equal(guard.hasReported(tokensMustExpire, ada, violation), true);
      assert.equal(guard.hasReported(maxTokenAge, ada, violation), false);
    });

    it("have another token reported, and another user", async () => {
      const { guard, ada } = await readAda();
      const violation = violationOf(tokensMustExpire, ada);
      guard.note(tokensMustExpire, violation);
      const [first, second] = ada.tokens;
      assert.ok(first && second);
      const other = violationOf(tokensMustExpire, { ...ada, tokens: [second] });
      assert.equal(guard.hasReported(tokensMustExpire, ada, other), false);
      const eve = { username: "eve", tokens: [first] };
      assert.equal(guard.hasReported(tokensMustExpire, eve, violationOf(tokensMustExpire, eve)), false);
    });

    it("do not have numbers of the moment told twice, where the tokens are the same", async () => {
      const { guard, ada } = await readAda();
      const config = { maxDays: 1 };
      const before = violationOf(maxTokenAge, ada, { config });
      const later = violationOf(maxTokenAge, ada, { config, now: NOW + 3 * DAY });
      assert.notDeepEqual(before, later);
      guard.note(maxTokenAge, before);
      assert.equal(guard.hasReported(maxTokenAge, ada, later), true);
      const others = { ...ada, tokens: ada.tokens.slice(0, 1) };
      assert.equal(guard.hasReported(maxTokenAge, others, later), false);
      assert.equal(guard.hasReported(maxTokenAge, others, before), true);
    });

    it("have what is about all of their tokens reported where the evidence holds others", async () => {
      const { guard, ada } = await readAda();
      const config = { max: 0 };
      guard.note(maxTokensPerUser, violationOf(maxTokensPerUser, ada, { config }));
      const forged = { ...ada, tokens: ada.tokens.slice(0, 1) };
      const violation = violationOf(maxTokensPerUser, forged, { config });
      assert.equal(guard.hasReported(maxTokensPerUser, forged, violation), false);
      assert.equal(guard.hasReported(maxTokensPerUser, ada, violationOf(maxTokensPerUser, ada, { config })), true);
    });
  });
});
