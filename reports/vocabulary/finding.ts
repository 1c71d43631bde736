import type { Finding } from "../../audit/result";
import { describeOwner } from "../../core/owner";
import { nameOrigin } from "../../core/identity";
import { formatViolation } from "../../policies/rule";
import { describeWaiver } from "../../policies/waivers";
import { nameShownToken } from "./names";

/** A finding's message, with the organization where it has a name, or is not at MotherDuck's own address. */
export function nameMessage({ message, origin }: Pick<Finding, "message" | "origin">): string {
  const organization = nameOrigin(origin);
  return organization === undefined ? message : `[${organization}] ${message}`;
}

/** A text about a finding, and who owns what it is about, where somebody does. */
export function withOwner(text: string, { owner }: Pick<Finding, "owner">): string {
  return owner === undefined ? text : `${text} [${describeOwner(owner)}]`;
}

/** A finding's message, who owns it, and whether it is waived or known. */
export function describeFinding(finding: Finding): string {
  const { waiver, isKnown } = finding;
  const text = withOwner(nameMessage(finding), finding);
  if (waiver !== undefined) return `${text} (${describeWaiver(waiver)})`;
  return isKnown === true ? `${text} (in the baseline)` : text;
}

/** The token that a finding is about; `undefined` where it is about none. */
export function nameFindingToken({ tokenId, tokenName }: Finding): string | undefined {
  if (tokenId === undefined) return undefined;
  return nameShownToken({ id: tokenId, ...(tokenName !== undefined && { name: tokenName }) });
}

/** A finding below a heading that names its user. */
export function describeBelowUser(finding: Finding): string {
  const { message, username, fact, fix } = finding;
  if (username === undefined) return message;
  const about = nameFindingToken(finding);
  return formatViolation({ ...(about !== undefined && { about }), fact, ...(fix !== undefined && { fix }) });
}
