import { failuresOf } from "../audit/failure";
import type { AuditClosing, AuditHeader, Finding } from "../audit/result";
import { count } from "../core/count";
import { duration, SECOND } from "../core/duration";
import { describeOwner } from "../core/owner";
import { printable } from "../core/printable";
import { code, plain, sentence } from "./markdown-text";
import {
  apiUrlOf,
  type CreateRequest,
  createRequestOf,
  type OwnersWork,
  type Plan,
  planFormat,
  type Task,
  tokenPath,
  tokensPath,
} from "./plan-steps";
import { SHELL_CALL, shellJson, shellWord } from "./shell-text";
import { describeFinding } from "./vocabulary/finding";
import { WITHOUT_OWNER } from "./vocabulary/by-owner";
import { describeSource, nameShownToken, nameWithOrganization } from "./vocabulary/names";
import { describeOutcome, describeScope } from "./vocabulary/outcome";
import { capitalize } from "./vocabulary/words";

/** Who has to do what, step by step, for people: Markdown. Nothing is done by writing it. */
export const planReport = planFormat(writePlan);

function writePlan(plan: Plan, header: AuditHeader, closing: AuditClosing): string {
  const tasks = plan.owners.flatMap((work) => work.tasks);
  const failures = failuresOf(closing);
  return [
    "# What to do about MotherDuck tokens",
    `**${plain(describeOutcome(closing))}**`,
    `${plain(describeScope(header, closing))} Evidence: ${code(printable(describeSource(header.source)))}, judged at ${header.now}.`,
    ...(failures.length === 0
      ? []
      : [
          "## Not judged",
          "What could not be read may hold more to do.",
          failures.map(({ subject, message }) => `- ${code(subject)}: ${sentence(message)}`).join("\n"),
        ]),
    ...(tasks.length === 0
      ? ["No token has to be replaced or revoked."]
      : [
          "Do each token's steps in their order: a token is revoked when its replacement is in use, and not before. The calls are for a shell with `curl`, and `MOTHERDUCK_ADMIN_TOKEN`:",
          fenced(SHELL_CALL),
        ]),
    ...plan.owners.flatMap((work) => writeWork(work, apiUrlOf(header))),
    ...(plan.leftOut.length === 0
      ? []
      : [
          "## Left alone",
          plan.leftOut
            .map(
              (left) =>
                `- ${nameTask(left)}: ${plain(left.reason)}${left.owner ? `, ${plain(describeOwner(left.owner))}` : ""}`,
            )
            .join("\n"),
        ]),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

function writeWork({ owner, tasks, choices }: OwnersWork, apiUrl: string): string[] {
  const parts = [
    ...(tasks.length === 0 ? [] : [count(tasks.length, "token")]),
    ...(choices.length === 0 ? [] : [count(choices.length, "decision")]),
  ];
  return [
    `## ${owner === undefined ? WITHOUT_OWNER : code(owner)}: ${parts.join(", ")}`,
    ...tasks.flatMap((task) => writeTask(task, apiUrl)),
    ...(choices.length === 0 ? [] : ["### To decide", choices.map(writeChoice).join("\n")]),
  ];
}

function writeChoice(finding: Finding): string {
  return `- ${sentence(describeFinding(finding))} (${code(finding.rule)})`;
}

function writeTask(task: Task, apiUrl: string): string[] {
  const { number, findings, remedy } = task;
  const reasons = findings.map(({ rule, fact }) => `${code(rule)}: ${sentence(fact)}`).join("; ");
  const steps = remedy.action === "revoke" ? [revokeStep(task, apiUrl)] : replaceSteps(task, remedy, apiUrl);
  const [owner] = findings.flatMap((finding) => finding.owner ?? []);
  return [
    `### ${number}. ${nameTask(task)}`,
    `${reasons}.${owner ? ` ${plain(capitalize(describeOwner(owner)))}.` : ""}`,
    steps
      .map((step, index) => `${index + 1}. ${step}`)
      .join("\n")
      .trimEnd(),
  ];
}

function replaceSteps(task: Task, remedy: Extract<Task["remedy"], { action: "replace" }>, apiUrl: string): string[] {
  const list = shellWord(apiUrl + tokensPath(task));
  return [
    createStep(task, createRequestOf(task.token, remedy), list),
    "**Switch** everything that uses the old token to the new one.",
    `**Verify** that the new one is listed, and that nothing uses the old one any more:${call(`md ${list}`)}`,
    revokeStep(task, apiUrl),
  ];
}

function createStep({ number, username, isServiceAccount }: Task, request: CreateRequest, list: string): string {
  const { name, ttl, token_type } = request;
  const named = name === "" ? "a name that tells what uses it" : `the name ${code(printable(name, Infinity))}`;
  const byHand = `in their settings at MotherDuck, under Access Tokens: ${named}, the type ${code(token_type)}, to expire within ${duration(ttl * SECOND, "down")}`;
  if (isServiceAccount === false) return `**Create** a replacement. Only ${code(username)} can, ${byHand}.`;
  const person = isServiceAccount === undefined ? ` If ${code(username)} is a person, only they can, ${byHand}.` : "";
  const unnamed = name === "" ? " Fill in its name first." : "";
  const body = shellJson(request);
  const file = `token-${number}.json`;
  const post = `(umask 077; md --request POST --header 'content-type: application/json' --data-raw ${body} --output ${file} ${list})`;
  return `**Create** a replacement, which goes into ${code(file)}; put it where secrets are kept, and delete the file.${unnamed}${person}${call(post)}`;
}

function revokeStep(task: Task, apiUrl: string): string {
  return `**Revoke** the old one:${call(`md --request DELETE ${shellWord(apiUrl + tokenPath(task))}`)}`;
}

function nameTask({ username, origin, token }: Pick<Task, "username" | "origin" | "token">): string {
  return `${code(nameWithOrganization(username, origin))} / ${sentence(nameShownToken(token))}`;
}

/** A call below a step of a list. */
function call(text: string): string {
  return `\n\n${fenced(text).replace(/^/gm, "   ")}\n`;
}

/** Text as a code block, whatever is in it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  return `${fence}sh\n${text}\n${fence}`;
}
