import type { AuditClosing, AuditHeader, Finding, JudgedToken, JudgedUser } from "../audit/result";
import { DEFAULT_API_URL } from "../core/api-url";
import { groupBy } from "../core/group-by";
import { originKey } from "../core/identity";
import type { Owner } from "../core/owner";
import type { Origin } from "../core/provenance";
import { findSegmentFault } from "../core/path-segment";
import { decodeText, isBlank, printable } from "../core/printable";
import type { UserToken } from "../core/user-token";
import type { Remedy } from "../policies/rule";
import type { ReportFormat } from "./report";

/** What has to be done, by whom, and what is left alone. */
export interface Plan {
  /** By name; those whose owner nobody knows come last. */
  readonly owners: readonly OwnersWork[];
  /** Tokens about which something was found, but which the plan does not touch. */
  readonly leftOut: readonly LeftOut[];
}

/** What one owner has to do. */
export interface OwnersWork {
  /** Absent: nobody knows who it is. */
  readonly owner?: string;
  readonly tasks: readonly Task[];
  /** Findings that no task ends: somebody has to choose. */
  readonly choices: readonly Finding[];
}

/** What ends all findings about one token that the plan promises to end. Names are as in reports: safe to print. */
export interface Task {
  /** Counts from 1, through all owners. */
  readonly number: number;
  readonly username: string;
  /** Where the token was read. */
  readonly origin?: Origin;
  /** Whom the API lets an administrator make tokens for. Absent if the evidence does not include it. */
  readonly isServiceAccount?: boolean;
  readonly token: UserToken;
  readonly findings: readonly Finding[];
  readonly remedy: Remedy;
}

/** A token that the plan leaves alone. */
export interface LeftOut {
  readonly username: string;
  readonly origin?: Origin;
  readonly token: UserToken;
  /** Who answers for it; absent where nobody does. */
  readonly owner?: Owner;
  readonly reason: string;
}

/** What is kept of a user until the plan is made. */
type Kept = Pick<JudgedUser, "username" | "origin" | "isServiceAccount"> & {
  readonly token: UserToken;
  readonly findings: readonly Finding[];
};

/** Collects what a plan is made of, user by user. */
export class PlanMaker {
  readonly #tasks: (Kept & { readonly remedy: Remedy })[] = [];
  readonly #choices: Finding[] = [];
  readonly #leftOut: LeftOut[] = [];
  /** Two resources can hold the same user. */
  readonly #seen = new Set<string>();

  add({ username, origin, isServiceAccount, tokens, findings }: JudgedUser): void {
    for (const [tokenId, own] of groupBy(findings, ({ tokenId }) => tokenId)) {
      const key = JSON.stringify([originKey(origin), username, tokenId]);
      if (tokenId !== undefined && this.#seen.has(key)) continue;
      this.#seen.add(key);
      const token = tokens.find(({ id }) => id === tokenId);
      const open = own.filter(({ waiver }) => waiver === undefined);
      const reason = token && reasonToSpare(username, token, own);
      if (token && reason !== undefined) {
        const [owner] = own.flatMap((finding) => finding.owner ?? []);
        this.#leftOut.push({ username, ...(origin && { origin }), token, ...(owner && { owner }), reason });
      }
      const remedy = token && reason === undefined ? mergeRemedies(open) : undefined;
      const ended = remedy ? open.filter((finding) => finding.remedy !== undefined) : [];
      if (token && remedy) {
        const user = {
          username,
          ...(origin && { origin }),
          ...(isServiceAccount !== undefined && { isServiceAccount }),
        };
        this.#tasks.push({ ...user, token, findings: ended, remedy });
      }
      this.#choices.push(...open.filter((finding) => !ended.includes(finding)));
    }
  }

  /** The plan, with the findings that are about no user. */
  end({ findings }: Pick<AuditClosing, "findings">): Plan {
    const tasks = groupBy(this.#tasks, (task) => task.findings[0]?.owner?.name);
    const open = [...this.#choices, ...findings.filter(({ waiver }) => waiver === undefined)];
    const choices = groupBy(open, ({ owner }) => owner?.name);
    const names = [...new Set([...tasks.keys(), ...choices.keys()])].sort(byName);
    let number = 0;
    const owners = names.map((owner) => ({
      ...(owner !== undefined && { owner }),
      tasks: (tasks.get(owner) ?? []).map((task) => ({ number: ++number, ...task })),
      choices: choices.get(owner) ?? [],
    }));
    return { owners, leftOut: this.#leftOut };
  }
}

/** A format that is a plan, made once all users are judged. */
export function planFormat(write: (plan: Plan, header: AuditHeader, closing: AuditClosing) => string): ReportFormat {
  return (header) => {
    const maker = new PlanMaker();
    return {
      user: (user) => {
        maker.add(user);
        return "";
      },
      end: (closing) => write(maker.end(closing), header, closing),
    };
  };
}

/** Why a token is left alone although something is wrong with it; `undefined` where it is not. */
function reasonToSpare(username: string, token: JudgedToken, findings: readonly Finding[]): string | undefined {
  const waiver = findings.find((finding) => finding.waiver !== undefined)?.waiver;
  if (waiver) return `waived by ${waiver.id} until ${waiver.expires}`;
  if (token.isSystem) return "by its name, MotherDuck made it itself";
  const nameFault = findSegmentFault(decodeText(username));
  if (nameFault !== undefined) return `the API cannot be asked about its user's name: ${nameFault}`;
  const id = decodeText(token.id);
  const idFault = findSegmentFault(id);
  if (idFault !== undefined) return `the API cannot be asked about its id: ${idFault}`;
  return printable(id, Infinity) === id ? undefined : "its id holds characters that cannot be seen";
}

/** What ends all of them: who has to go needs no replacement, and a replacement keeps the narrowest limits. */
function mergeRemedies(findings: readonly Finding[]): Remedy | undefined {
  const remedies = findings.flatMap(({ remedy }) => remedy ?? []);
  const revocation = remedies.find(({ action }) => action === "revoke");
  if (revocation) return revocation;
  const replacements = remedies.flatMap((remedy) => (remedy.action === "replace" ? remedy : []));
  if (replacements.length === 0) return undefined;
  return {
    action: "replace",
    tokenType: replacements.some(({ tokenType }) => tokenType === "read_scaling") ? "read_scaling" : "read_write",
    maxTtlSeconds: Math.min(...replacements.map(({ maxTtlSeconds }) => maxTtlSeconds)),
    ...(replacements.some(({ needsName }) => needsName) && { needsName: true }),
  };
}

/** The path of a user's tokens. */
export function tokensPath({ username }: Pick<Task, "username">): string {
  return `/v1/users/${encodeURIComponent(decodeText(username))}/tokens`;
}

/** The path of the token itself. */
export function tokenPath(task: Pick<Task, "username" | "token">): string {
  return `${tokensPath(task)}/${encodeURIComponent(decodeText(task.token.id))}`;
}

/** The API's request for a replacement. Its name is empty where somebody has to choose one, or cannot see it. */
export interface CreateRequest {
  readonly name: string;
  readonly description?: string;
  readonly ttl: number;
  readonly token_type: "read_write" | "read_scaling";
}

/** What to ask the API for, so that the replacement is what the old token was, and breaks no rule. */
export function createRequestOf(
  { name = "", description }: UserToken,
  remedy: Extract<Remedy, { action: "replace" }>,
): CreateRequest {
  const shown = decodeText(name);
  return {
    name: remedy.needsName || isBlank(shown) || printable(shown, Infinity) !== shown ? "" : shown,
    ...(description !== undefined && { description: decodeText(description) }),
    ttl: remedy.maxTtlSeconds,
    token_type: remedy.tokenType,
  };
}

/** The header of an audit of the API says where that is; no evidence does, for it could send the API token anywhere. */
export function apiUrlOf({ source }: AuditHeader): string {
  return source.kind === "api" ? decodeText(source.name) : DEFAULT_API_URL;
}

function byName(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
  return one < other ? -1 : 1;
}
