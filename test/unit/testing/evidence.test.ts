import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { parseTokensPage } from "../../../client/api/parse";
import { createPolicies, readEvidence } from "../../../policies/index";
import { analyzeResource, analyzeStack, token, userTokens } from "../../../testing";
import { UserTokens } from "../../../provider";
import { at } from "../support";

describe("token", () => {
  it("gives a token that no rule of the pack has anything against", async () => {
    const resource = userTokens("svc_etl", [token({ name: "a" }), token({ name: "b", tokenType: "read_scaling" })]);
    const policies = createPolicies();
    assert.deepEqual({ ...(await analyzeResource(policies, resource)) }, { violations: [], notApplicable: [] });
    assert.deepEqual((await analyzeStack(policies, [resource])).violations, []);
  });

  it("makes a token of the very fields that the provider writes", () => {
    const { id, name, expireAt, createdTs, readOnly, tokenType } = token();
    const wire = { id, name, expire_at: expireAt, created_ts: createdTs, read_only: readOnly, token_type: tokenType };
    assert.deepEqual(parseTokensPage({ tokens: [wire] }, { name: "the tokens" }).tokens, [
      token({ createdTs, expireAt }),
    ]);
  });

  it("takes every field, and leaves out what is undefined", () => {
    const fields = { id: "i", createdTs: at(-1), readOnly: true, tokenType: "read_future" };
    assert.deepEqual(token({ ...fields, name: "n", expireAt: at(1) }), { ...fields, name: "n", expireAt: at(1) });
    assert.deepEqual(token({ ...fields, name: undefined, expireAt: undefined }), fields);
  });

  it("gives an id that follows from the name", () => {
    assert.match(token().id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(token({ name: "a" }).id, token({ name: "a" }).id);
    assert.notEqual(token({ name: "a" }).id, token({ name: "b" }).id);
  });
});

describe("userTokens", () => {
  it("gives a resource of this package's type, its tokens in canonical order", () => {
    const tokens = [token({ name: "young", createdTs: at(-1) }), token({ name: "old", createdTs: at(-2) })];
    const resource = userTokens("ada", tokens, { fetchedAt: at(0) });
    assert.equal(resource.type, UserTokens.__pulumiType);
    assert.equal(resource.name, "ada");
    assert.deepEqual(resource.props, {
      username: "ada",
      tokens: tokens.toReversed(),
      _provenance: { apiUrl: "https://api.motherduck.com", fetchedAt: at(0) },
    });
    const { props } = userTokens("ada", tokens, {
      apiUrl: "https://a.example",
      organization: "acme",
      fetchedAt: at(0),
    });
    assert.deepEqual(props._provenance, { apiUrl: "https://a.example", organization: "acme", fetchedAt: at(0) });
  });

  it("is read as evidence, fresh where nothing else is said", () => {
    const before = Date.now();
    const { type = "", props } = userTokens("ada");
    const evidence = readEvidence(type, props);
    assert.ok(evidence.kind === "users");
    const { fetchedAt, ...origin } = props._provenance;
    assert.deepEqual(evidence.users, [{ username: "ada", tokens: [], origin, fetchedAt }]);
    assert.ok(Date.parse(fetchedAt) >= before);
  });
});
