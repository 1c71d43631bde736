import * as v from "valibot";
import { parseInstant } from "../../core/instant";
import { listSome } from "../../core/list-some";
import { quotedName, shownName } from "../../core/printable";
import { DETAIL_NAMES, sameDetail, type UserDetails } from "../../core/user";
import { asTold, tellsTruth, type UserToken } from "../../core/user-token";
import { defineUserRule, type OwnReading, type UserEvidence, type Violation } from "../rule";
import { nameToken } from "../token-facts";

type OwnTokens = Extract<OwnReading, { kind: "tokens" }>;

/** Fires where the evidence that a program hands over is not what the judge reads from the API itself. */
export const evidenceVerified = defineUserRule({
  name: "evidence-verified",
  displayName: "Evidence is what the API tells",
  description: "The tokens that are judged are those that the pack reads itself, with its own credentials.",
  rationale:
    "Whoever writes the program, or its stack's configuration, decides where evidence comes from: another address, a provider of its own, a plugin of the same name, another pack. What the pack reads itself, none of them can change.",
  remediation:
    "Find what changed the evidence on its way: the base URL, the provider, a transform, the plugin, another pack, a state that was edited or left alone by --target.",
  severity: "critical",
  enforcementLevel: "disabled",
  controls: ["NIST 800-53r5 AU-10", "NIST 800-53r5 SI-7"],
  waivable: false,
  hasFixedSeverity: true,
  needsOwnReading: true,
  settings: v.strictObject({}),
  presets: { audit: { enforcementLevel: "disabled" } },
  check(user) {
    const { own = NOT_READ } = user;
    switch (own.kind) {
      case "failed":
        return [{ parts: ["not verified"], fact: `the evidence cannot be verified: ${own.reason}` }];
      case "leftOut":
        return [{ parts: ["left out"], fact: "the evidence should hold this user, and leaves it out", fix: FIND_OUT }];
      case "tokens":
        return compareReadings(user, own);
    }
  },
});

const NOT_READ: OwnReading = {
  kind: "failed",
  reason: "nobody read these tokens a second time. Judge them by the pack or by the audit.",
};

const FIND_OUT = "Find out who changed the evidence on its way to the pack.";

function compareReadings(user: UserEvidence, own: OwnTokens): Violation[] {
  const differences = [...compareDetails(user, own), ...compareTokens(user, own)];
  if (differences.length === 0) return [];
  return [
    { parts: differences, fact: `the evidence is not what the API tells: ${differences.join("; ")}`, fix: FIND_OUT },
  ];
}

/** Where both tell. */
function compareDetails(user: UserEvidence, own: OwnTokens): string[] {
  return DETAIL_NAMES.flatMap((name) => {
    const [given, real] = [user[name], own[name]];
    if (given === undefined || real === undefined || sameDetail(given, real)) return [];
    // Not its text: it is personal, and many people read messages.
    return [name === "email" ? "another email" : `${name} is ${formatDetail(given)} in place of ${formatDetail(real)}`];
  });
}

function formatDetail(value: NonNullable<UserDetails[keyof UserDetails]>): string {
  return typeof value === "object" ? `[${listSome(value.map((role) => shownName(role, 60)))}]` : String(value);
}

function compareTokens({ tokens, fetchedAt }: UserEvidence, own: OwnTokens): string[] {
  if (tellsTruth(tokens, own.tokens)) return [];
  const given = new Map(tokens.map((token) => [token.id, token]));
  const real = new Map(own.tokens.map((token) => [token.id, token]));
  const missing = own.tokens.filter(({ id }) => !given.has(id));
  const isNewer = (token: UserToken) => isAfter(token.createdTs, fetchedAt);
  const added = tokens.filter(({ id }) => !real.has(id)).map(nameToken);
  const altered = tokens.flatMap((token) => describeAlteration(token, real.get(token.id)));
  const differences = [
    listTokens("missing", missing.filter((token) => !isNewer(token)).map(nameToken)),
    listTokens("created after the evidence was read (run again)", missing.filter(isNewer).map(nameToken)),
    listTokens("added, or revoked since", added),
    listTokens("altered", altered),
  ].filter((text) => text !== undefined);
  return differences.length > 0 ? differences : ["a token is there more than once"];
}

function isAfter(createdTs: string, fetchedAt: string | undefined): boolean {
  const [created, read] = [parseInstant(createdTs), fetchedAt === undefined ? undefined : parseInstant(fetchedAt)];
  return created !== undefined && read !== undefined && created > read;
}

function listTokens(what: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  return `${what} ${listSome(names)}`;
}

const FIELDS = ["name", "description", "expireAt", "createdTs", "readOnly", "tokenType"] as const;

function describeAlteration(token: UserToken, real: UserToken | undefined): string[] {
  if (!real || tellsTruth([token], [real])) return [];
  const known = asTold(real, token);
  const changes = FIELDS.filter((field) => (token[field] ?? null) !== (known[field] ?? null)).map((field) =>
    // Not its text: it may be personal, and many people read messages.
    field === "description"
      ? "another description"
      : `${field} ${formatValue(token[field])} in place of ${formatValue(real[field])}`,
  );
  return [`${nameToken(real)}: ${changes.join(", ")}`];
}

function formatValue(value: string | boolean | null | undefined): string {
  return typeof value === "string" ? quotedName(value, 60) : String(value ?? "nothing");
}
