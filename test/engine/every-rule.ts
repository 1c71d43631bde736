import { wireToken, type WireToken } from "../../tools/stand-in/organization";
import type { Sandbox } from "../../tools/sandbox";
import path from "node:path";
import type { Lab } from "./support";

const NOW = Date.now();

/** For each rule, a user (and resource) that breaks it and nothing else that is mandatory. */
export const OFFENDERS: Record<string, Partial<WireToken>[]> = {
  "svc-endless": [{ name: "dashboards" }],
  "svc-many": [{ name: "one" }, { name: "two" }, { name: "three" }],
  "svc-year": [{ name: "nightly", created_ts: daysFromNow(-5), expire_at: daysFromNow(360) }],
  "svc-old": [{ name: "ancient", created_ts: daysFromNow(-100), expire_at: daysFromNow(-10 + 30) }],
  "svc-soon": [{ name: "loader", expire_at: daysFromNow(7) }],
  "svc-expired": [{ name: "leftover", expire_at: daysFromNow(-1) }],
  "svc-heap": ["a", "b", "c", "d", "e", "f"].map((name) => ({ name, token_type: "read_scaling", read_only: true })),
  "svc-nameless": [{ name: "  " }],
  "svc-twins": [
    { name: "twin", token_type: "read_scaling", read_only: true },
    { id: "c4b0b1a5-0000-4000-8000-000000000002", name: "twin" },
  ],
  "bi-reader": [{ name: "writer" }],
  "svc-odd": [{ name: "odd", token_type: "admin" }],
};

const PROGRAM = `
  const users = ${JSON.stringify([...Object.keys(OFFENDERS), "ada"])};
  for (const username of users) new md.UserTokens(username, { username });
  // Evidence of other kinds, made by hand: judged like any other.
  class Raw extends pulumi.dynamic.Resource {
    constructor(name, type, props) {
      super({ create: async (inputs) => ({ id: name, outs: inputs }) }, name, props, {}, "motherduck", type);
    }
  }
  const token = { id: "c4b0b1a5-0000-4000-8000-000000000001", name: "backup", createdTs: "${daysFromNow(-10)}",
    expireAt: "${daysFromNow(60)}", readOnly: false, tokenType: "read_write" };
  const read = (fetchedAt) => ({ apiUrl: process.env.MOTHERDUCK_API_URL, fetchedAt });
  new Raw("stale", "UserTokens", { username: "svc-stale", tokens: [token], _provenance: read("${daysFromNow(-2)}") });
  new Raw("elsewhere", "UserTokens", { username: "svc-elsewhere", tokens: [token],
    _provenance: { ...read(new Date().toISOString()), apiUrl: "http://127.0.0.1:18999" } });
  new Raw("everyone", "OrganizationTokens", { _provenance: read(new Date().toISOString()), users: [
    { username: "leaver", isServiceAccount: false, isDeprovisioned: true, tokens: [token] },
    { username: "stayer", isServiceAccount: false, isDeprovisioned: false, tokens: [token] },
  ] });
`;

/** A settings file under which they break them. */
export const CONFIG = `
rules:
  read-scaling-only: { users: ["bi-*"] }
  inventory-covered: { users: [ada, svc_nobody] }
waivers:
  - id: WVR-1
    rule: token-name-required
    user: svc-nameless
    reason: Cannot be renamed before Q1
    owner: data-platform@example.com
    expires: ${daysFromNow(30).slice(0, 10)}
  - id: WVR-2
    rule: max-token-age
    user: ada
    reason: No longer needed, this one
    owner: data-platform@example.com
    expires: ${daysFromNow(30).slice(0, 10)}
`;

/** Which resources each rule fires on: all others in the program are seen not to fire. */
export const FIRES_ON: Record<string, string[]> = {
  "evidence-fresh": ["stale"],
  "evidence-origin": ["elsewhere"],
  "evidence-verified": ["stale", "elsewhere", "everyone"],
  "max-token-lifetime": ["svc-year", "svc-old"],
  "max-token-age": ["svc-old"],
  "tokens-must-expire": ["svc-endless"],
  "max-read-write-tokens": ["svc-many"],
  "token-expiring-soon": ["svc-soon"],
  "no-expired-tokens": ["svc-expired"],
  "max-tokens-per-user": ["svc-heap"],
  "token-name-required": ["svc-nameless"],
  "unique-token-names": ["svc-twins"],
  "read-scaling-only": ["bi-reader"],
  "token-fields-consistent": ["svc-odd"],
  "deprovisioned-user-has-tokens": ["everyone"],
  "inventory-covered": ["program-dev"],
  "waiver-hygiene": ["program-dev"],
};

/** A stack whose program breaks every rule, and the settings file that its pack needs. */
export async function breakEveryRule(lab: Lab): Promise<{ stack: Sandbox; configFile: string }> {
  offend(lab);
  // What the program says of its token is not what the API does.
  const backup = { name: "backup", type: "read_write", created: -10 };
  lab.api.users["svc-stale"] = [
    {
      ...wireToken("svc-stale", backup, NOW),
      id: "c4b0b1a5-0000-4000-8000-000000000001",
    },
  ];
  const stack = await lab.program(PROGRAM, { files: { "motherduck-tokens.yaml": CONFIG } });
  return { stack, configFile: path.join(stack.project, "motherduck-tokens.yaml") };
}

/** Lets the stand-in have the offenders. */
export function offend(lab: Lab): void {
  for (const [user, tokens] of Object.entries(OFFENDERS)) {
    lab.api.users[user] = tokens.map(({ name = "", ...fields }) => ({
      ...wireToken(user, { name, type: "read_write", created: -10, expires: 60 }),
      ...fields,
    }));
  }
  delete lab.api.users["svc-endless"]?.[0]?.expire_at;
}

function daysFromNow(days: number): string {
  return new Date(NOW + days * 86_400_000).toISOString();
}
