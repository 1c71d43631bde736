import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { DAY } from "../../core/duration";

/** A token as the API sends it. */
export interface WireToken {
  id: string;
  name?: string;
  description?: string;
  expire_at?: string;
  created_ts: string;
  read_only: boolean;
  token_type: string;
}

/** Tokens by username. */
export type Organization = Record<string, WireToken[]>;

/** What a listing says of a user, beside the name. */
export interface Member {
  serviceAccount?: boolean;
  deprovisioned?: boolean;
  email?: string;
  roles?: string[];
}

interface TokenLine {
  name: string;
  description?: string;
  type: string;
  created: number;
  expires?: number;
}

/** Reads `organization.yaml`, with its days counted from `now`. */
export function loadOrganization(now = Date.now()): {
  members: Record<string, Member>;
  users: Organization;
  cleanedUp: Organization;
} {
  const file = readFileSync(path.join(__dirname, "organization.yaml"), "utf8");
  const { members, users, cleanedUp } = parse(file) as Record<"users" | "cleanedUp", Record<string, TokenLine[]>> & {
    members: Record<string, Member>;
  };
  const toWire = (people: Record<string, TokenLine[]>): Organization =>
    Object.fromEntries(
      Object.entries(people).map(([user, lines]) => [user, lines.map((line) => wireToken(user, line, now))]),
    );
  return { members, users: toWire(users), cleanedUp: toWire(cleanedUp) };
}

/** A token, with times in days from `now`. The id follows from the user and the name. */
export function wireToken(
  user: string,
  { name, description, type, created, expires }: TokenLine,
  now = Date.now(),
): WireToken {
  const at = (days: number) => new Date(now + days * DAY).toISOString();
  return {
    id: uuidOf(`${user}/${name}`),
    name,
    ...(description !== undefined && { description }),
    ...(expires !== undefined && { expire_at: at(expires) }),
    created_ts: at(created),
    read_only: type === "read_scaling",
    token_type: type,
  };
}

function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
