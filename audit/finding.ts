import type { Owner } from "../core/owner";
import { encodeText, printable } from "../core/printable";
import type { Origin } from "../core/provenance";
import { formatViolation, type Rule, type Violation } from "../policies/rule";
import { type Baseline, fingerprint } from "./baseline";
import type { Finding, JudgedUser } from "./result";

/** What a violation has where it is about a user. */
type About = Partial<Pick<Finding, "username" | "origin" | "severity" | "tokenName" | "owner" | "urn" | "waiver">>;

/** A violation as reports show it: rules judge names as they are, reports get them in a form that is safe to print. */
export function toFinding(
  rule: Rule,
  level: "mandatory" | "advisory",
  violation: Violation & About,
  baseline: Baseline | undefined,
): Finding {
  const {
    about,
    fact,
    fix,
    username,
    origin,
    tokenId,
    tokenName,
    owner,
    urn,
    waiver,
    subject,
    remedy,
    parts: made,
  } = violation;
  const parts = made?.map(encodeText);
  const print = fingerprint({
    ...{ origin, rule: rule.name },
    ...(username !== undefined && { username }),
    ...(tokenId !== undefined && { tokenId }),
    ...(subject !== undefined && { subject }),
  });
  return {
    rule: rule.name,
    severity: violation.severity ?? rule.severity,
    enforcementLevel: violation.enforcementLevel ?? level,
    ...(about !== undefined && username === undefined && { about: printable(about, Infinity) }),
    fact: printable(fact, Infinity),
    ...(fix !== undefined && { fix: printable(fix, Infinity) }),
    message: printable(formatViolation(violation), Infinity),
    ...(remedy && { remedy }),
    ...(username !== undefined && { username: encodeText(username) }),
    ...(origin && { origin: encodeOrigin(origin) }),
    ...(tokenId !== undefined && { tokenId: encodeText(tokenId) }),
    ...(tokenName !== undefined && { tokenName: encodeText(tokenName) }),
    ...(subject !== undefined && { subject: encodeText(subject) }),
    ...(parts && { parts }),
    ...(owner && { owner: encodeOwner(owner) }),
    ...(urn !== undefined && { urn }),
    fingerprint: print,
    ...(waiver && { waiver }),
    ...(baseline && { isKnown: baseline.knows({ fingerprint: print, ...(parts && { parts }) }) }),
  };
}

/** Where evidence comes from, safe to print. */
export function encodeOrigin({ apiUrl, organization }: Origin): NonNullable<JudgedUser["origin"]> {
  return { apiUrl: encodeText(apiUrl), ...(organization !== undefined && { organization: encodeText(organization) }) };
}

/** An owner, safe to print: descriptions and e-mails are written by others. */
export function encodeOwner({ name, foundBy }: Owner): Owner {
  return { name: encodeText(name), foundBy };
}
