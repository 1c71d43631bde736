import { failuresOf } from "../audit/failure";
import type { AuditClosing, AuditHeader } from "../audit/result";
import { describeOwner } from "../core/owner";
import { printable } from "../core/printable";
import {
  apiUrlOf,
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

/** The plan as a script for a POSIX shell. It does nothing until somebody edits it, and a step only after the one before. */
export const planShellReport = planFormat(writeScript);

function writeScript(plan: Plan, header: AuditHeader, closing: AuditClosing): string {
  const { owners, leftOut } = plan;
  return [
    "#!/bin/sh",
    ...comment("What to do about MotherDuck tokens, as a script."),
    ...comment(describeOutcome(closing)),
    ...comment(describeScope(header, closing)),
    ...comment(`Evidence: ${describeSource(header.source)}, judged at ${header.now}.`),
    ...failuresOf(closing).flatMap(({ subject, message }) => comment(`NOT JUDGED: ${subject}: ${message}`)),
    INTRODUCTION,
    `api=${shellWord(apiUrlOf(header))}`,
    FUNCTIONS,
    ...owners.flatMap(writeWork),
    ...(leftOut.length === 0 ? [] : ["", ...comment("== Left alone")]),
    ...leftOut.flatMap((left) =>
      comment(`${nameTask(left)}: ${left.reason}${left.owner ? `, ${describeOwner(left.owner)}` : ""}`),
    ),
    "",
    'exit "$failed"',
    "",
  ].join("\n");
}

const INTRODUCTION = `#
# Nothing happens until you edit this file: each step says "no". Change a step to "yes", run the script, and go on to the
# next step. A token is revoked only where its replacement is listed. Run it as often as you like: what is done stays done.
# It needs curl, jq, and MOTHERDUCK_ADMIN_TOKEN. New tokens are kept in files beside you, which only you can read: put each
# where secrets are kept, and delete its file when its old token is revoked.
set -eu
umask 077
: "\${MOTHERDUCK_ADMIN_TOKEN:?holds the API token of an administrator}"
command -v jq >/dev/null || { echo "jq is not installed" >&2; exit 1; }
failed=0`;

const FUNCTIONS = `
${SHELL_CALL}

# Says what went wrong, and goes on with the next token.
refuse() {
  printf '%s: %s\\n' "$1" "$2" >&2
  failed=1
}

# revoke NUMBER YES TOKENS TOKEN ID
revoke() {
  [ "$2" = yes ] || return 0
  listed=$(md "$api$3") || { refuse "$1" "the tokens cannot be listed; nothing was revoked"; return 0; }
  if ! printf %s "$listed" | jq -e --arg id "$5" 'any(.tokens[]; .id == $id)' >/dev/null; then
    echo "$1: is gone already"
  elif md --request DELETE "$api$4" >/dev/null; then
    echo "$1: revoked"
  else
    refuse "$1" "was not revoked"
  fi
}

# replaced NUMBER YES REPLACEMENT TOKENS TOKEN ID
replaced() {
  [ "$2" = yes ] || return 0
  [ -n "$3" ] || { refuse "$1" "there is no replacement yet; nothing was revoked"; return 0; }
  listed=$(md "$api$4") || { refuse "$1" "the tokens cannot be listed; nothing was revoked"; return 0; }
  if printf %s "$listed" | jq -e --arg new "$3" --arg old "$6" 'any(.tokens[]; .id == $new and .id != $old)' >/dev/null; then
    revoke "$1" yes "$4" "$5" "$6"
  else
    refuse "$1" "the replacement $3 is not listed; nothing was revoked"
  fi
}

# create NUMBER YES NAME TOKENS REQUEST ID
create() {
  [ "$2" = yes ] || return 0
  [ ! -e "token-$1.json" ] || return 0
  [ -n "$3" ] || { refuse "$1" "give the new token a name"; return 0; }
  # Another organization may have a user of the same name.
  md "$api$4" | jq -e --arg id "$6" 'any(.tokens[]; .id == $id)' >/dev/null ||
    { refuse "$1" "the old token is not listed; no replacement was created"; return 0; }
  request=$(printf %s "$5" | jq -c --arg name "$3" '.name = $name')
  if md --request POST --header "content-type: application/json" --data-raw "$request" --output "token-$1.part" "$api$4"; then
    mv "token-$1.part" "token-$1.json"
    echo "$1: created; the new token is in token-$1.json"
  else
    rm -f "token-$1.part"
    refuse "$1" "no replacement was created"
  fi
}

# The id of the token that was created.
created() {
  [ ! -e "token-$1.json" ] || jq -r '.id // empty' "token-$1.json"
}`;

function writeWork({ owner, tasks, choices }: OwnersWork): string[] {
  return [
    "",
    ...comment(`== ${owner === undefined ? WITHOUT_OWNER : printable(owner)}`),
    ...choices.flatMap((finding) => comment(`To decide: ${describeFinding(finding)} (${finding.rule})`)),
    ...tasks.flatMap(writeTask),
  ];
}

function writeTask(task: Task): string[] {
  const { number, findings, remedy, token } = task;
  const paths = [tokensPath(task), tokenPath(task), token.id].map(shellWord).join(" ");
  const [owner] = findings.flatMap((finding) => finding.owner ?? []);
  const head = [
    "",
    ...comment(`${number}. ${nameTask(task)}${owner ? `, ${describeOwner(owner)}` : ""}`),
    ...findings.flatMap(({ rule, fact }) => comment(`   ${rule}: ${fact}`)),
  ];
  if (remedy.action === "revoke") {
    return [...head, `revoke_${number}=no`, `revoke ${number} "$revoke_${number}" ${paths}`];
  }
  return [...head, ...replace(task, remedy, paths)];
}

function replace(task: Task, remedy: Extract<Task["remedy"], { action: "replace" }>, paths: string): string[] {
  const { number, username, token, isServiceAccount } = task;
  const { name, ...request } = createRequestOf(token, remedy);
  const switched = [
    `switched_${number}=no # yes: everything uses the new token, so revoke the old one`,
    `replaced ${number} "$switched_${number}" "$replacement_${number}" ${paths}`,
  ];
  if (isServiceAccount === false) {
    return [
      ...comment(
        `   Only ${username} can make its replacement, in their settings at MotherDuck: ${describeRequest(name, request)}`,
      ),
      `replacement_${number}='' # the new token's id, as the API lists it`,
      ...switched,
    ];
  }
  return [
    ...(isServiceAccount === undefined
      ? comment("   Where this is a person, only they can make the replacement: then put its id into replacement.")
      : []),
    `name_${number}=${shellWord(name)}${name === "" ? " # what uses it" : ""}`,
    `create_${number}=no`,
    `create ${number} "$create_${number}" "$name_${number}" ${shellWord(tokensPath(task))} ${shellJson(request)} ${shellWord(token.id)}`,
    `replacement_${number}=$(created ${number})`,
    ...switched,
  ];
}

function describeRequest(name: string, { ttl, token_type }: { ttl: number; token_type: string }): string {
  const named = name === "" ? "a name that tells what uses it" : JSON.stringify(name);
  return `${named}, ${token_type}, ${ttl} seconds at most`;
}

function nameTask({ username, origin, token }: Pick<Task, "username" | "origin" | "token">): string {
  return `${nameWithOrganization(username, origin)} / ${nameShownToken(token)}`;
}

/** Text as a comment: it cannot end the line. */
function comment(text: string): string[] {
  return [`# ${printable(text, Infinity)}`];
}
