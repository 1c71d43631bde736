import type { AuditSource } from "../../audit/result";
import { nameOrigin } from "../../core/identity";
import { decodeText } from "../../core/printable";
import type { Origin } from "../../core/provenance";
import { nameInput } from "../../core/standard-stream";
import type { UserToken } from "../../core/user-token";
import { nameToken } from "../../policies/token-facts";

/** The user, and the organization where it has a name, or is not at MotherDuck's own address: `svc_bi [acme]`. */
export function nameUser(username: string, origin: Origin | undefined): string {
  const organization = nameOrigin(origin);
  return organization === undefined ? username : `${username} [${organization}]`;
}

/** A token of a report, as messages name it: `"nightly" (7c1f…)`. */
export function nameShownToken({ id, name }: Pick<UserToken, "id" | "name">): string {
  return nameToken({ id: decodeText(id), ...(typeof name === "string" && { name: decodeText(name) }) });
}

/** Where the evidence comes from: `stack export from prod.json`. */
export function describeSource({ kind, name }: AuditSource): string {
  if (kind === "api") return name;
  return `${kind === "state" ? "stack export" : "engine events"} from ${nameInput(name)}`;
}
