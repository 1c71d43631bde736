import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { day, finding, newPlace, query, record, token } from "./support";

/** A token without what the API may leave out, and with dates that are none. */
const { name, ...NAMELESS } = token("odd", { createdTs: "once", expireAt: "some day" });

describe("what a ledger keeps", () => {
  it("of a token is what the API told: no name, and dates that are none, as they came", async () => {
    assert.equal(name, "odd");
    const place = newPlace();
    await record(place, { now: 0, users: { ada: [NAMELESS, token("endless")] } });
    assert.deepEqual(
      await query(
        place,
        `SELECT token_id, name, created_ts, created_at, expire_at, expires_at FROM token_ledger.token_versions ORDER BY token_id`,
      ),
      [
        {
          token_id: "endless",
          name: "endless",
          created_ts: "2025-12-01T00:00:00Z",
          created_at: "2025-12-01 00:00:00",
          expire_at: null,
          expires_at: null,
        },
        { token_id: "odd", name: null, created_ts: "once", created_at: null, expire_at: "some day", expires_at: null },
      ],
    );
  });

  it("of a user is what the evidence told, and what it did not tell is not known", async () => {
    const place = newPlace();
    await record(place, {
      now: 0,
      source: { kind: "state", name: "state.json" },
      users: {
        bob: { fetchedAt: "once" },
        eve: { isServiceAccount: true, isDeprovisioned: true },
        joe: { isServiceAccount: false, isDeprovisioned: "unknown" },
        zoe: { isDeprovisioned: false },
      },
    });
    assert.deepEqual(
      await query(
        place,
        `SELECT username, is_service_account, deprovisioned FROM token_ledger.states JOIN token_ledger.users USING (user_id)
         ORDER BY username`,
      ),
      [
        { username: "bob", is_service_account: null, deprovisioned: null },
        { username: "eve", is_service_account: true, deprovisioned: "yes" },
        { username: "joe", is_service_account: false, deprovisioned: "unknown" },
        { username: "zoe", is_service_account: null, deprovisioned: "no" },
      ],
    );
    // A file does not tell of which API it is.
    assert.deepEqual(await query(place, "SELECT api_url, organization FROM token_ledger.organizations"), [
      { api_url: "", organization: "" },
    ]);
  });

  it("of a waiver is all that it says, and it is kept once", async () => {
    const place = newPlace();
    const bare = { id: "WVR-1", rule: "tokens-must-expire", user: "ada", expires: day(30).slice(0, 10) };
    const full = { ...bare, id: "WVR-2", owner: "bi@example.com", reason: "It cannot rotate", ticket: "SEC-1" };
    const findings = [
      finding("ada", "a", { waiver: bare }),
      finding("ada", "b", { waiver: bare }),
      finding("ada", "c", { waiver: full }),
    ];
    await record(place, { now: 0, users: { ada: { tokens: [token("a"), token("b"), token("c")], findings } } });
    assert.deepEqual(
      await query(
        place,
        "SELECT waiver_id, owner, reason, expires, ticket FROM token_ledger.waivers ORDER BY waiver_id",
      ),
      [
        { waiver_id: "WVR-1", owner: null, reason: null, expires: bare.expires, ticket: null },
        { waiver_id: "WVR-2", owner: full.owner, reason: full.reason, expires: full.expires, ticket: full.ticket },
      ],
    );
  });

  it("is every row of a large audit", async () => {
    const place = newPlace();
    const tokens = Array.from({ length: 20_001 }, (_, index) => token(`t${index}`));
    await record(place, { now: 0, users: { ada: tokens } });
    const [row] = await query(place, "SELECT count(*)::INTEGER AS n FROM token_ledger.token_versions");
    assert.equal(row?.n, tokens.length);
  });
});
