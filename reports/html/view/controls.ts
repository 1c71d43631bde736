import { count } from "../../../core/count";
import { SEVERITIES } from "../../../policies/rule";
import type { PageData } from "../model";
import { WITHOUT_OWNER } from "../../vocabulary/by-owner";
import { NOBODY } from "./finding";
import { html, when, type Html } from "./html";
import { ownerNames } from "./owners";
import { type Selection } from "./selection";

type Choice = readonly [value: string, label: string];

/** Search and filters, which the script shows, because they need it. */
export function controls(data: PageData): Html {
  const { rules, users, hasBaseline } = data;
  const statuses: readonly Choice[] = [
    ["open", "Open"],
    ["waived", "Waived"],
    ...(hasBaseline
      ? ([
          ["known", "In the baseline"],
          ["new", "New"],
        ] as const)
      : []),
  ];
  const isAccountKnown = users.some(({ account }) => account !== undefined);
  return html`<form class="controls needs-script" id="controls" role="search" aria-label="Search and filter">
    <div class="search">
      <label for="q" class="hidden">Search by user, token, id or rule</label
      ><input
        id="q"
        name="q"
        type="search"
        placeholder="User, token, id or rule"
        autocomplete="off"
        spellcheck="false"
        aria-keyshortcuts="/"
      /><kbd aria-hidden="true">/</kbd>
    </div>
    <details class="filters" id="filters">
      <summary>Filters <span id="filter-count"></span></summary>
      <div class="selects">
        ${choice(
          "rule",
          "Rule",
          "All rules",
          rules.map(({ name }) => [name, name]),
        )}
        ${choice("level", "Level", "All levels", [
          ["mandatory", "Mandatory"],
          ["advisory", "Advisory"],
        ])}
        ${choice(
          "severity",
          "Severity",
          "All severities",
          SEVERITIES.map((severity) => [severity, severity] as const).reverse(),
        )}
        ${choice("status", "Status", "Any status", statuses)}
        ${choice("type", "Token type", "All types", [
          ["read_write", "read_write"],
          ["read_scaling", "read_scaling"],
          ["other", "Other types"],
        ])}
        ${when(isAccountKnown, () =>
          choice("account", "Account", "All accounts", [
            ["service", "Service accounts"],
            ["person", "People"],
          ]),
        )}
        ${when(data.namesOwners, () =>
          choice("owner", "Owner", "All owners", [
            ...ownerNames(data).map((name) => [name, name] as const),
            [NOBODY, WITHOUT_OWNER],
          ]),
        )}
      </div>
    </details>
    <p class="result">
      <output id="result" aria-live="polite"></output> <button type="reset" id="clear">Clear</button>
    </p>
  </form>`;
}

function choice(name: string, label: string, all: string, choices: readonly Choice[]): Html {
  return html`<label
    ><span>${label}</span
    ><select name="${name}" id="filter-${name}">
      <option value="">${all}</option>
      ${choices.map(([value, text]) => html`<option value="${value}">${text}</option>`)}
    </select></label
  >`;
}

/** Counts of a selection, in words. */
export function describeSelection({ findings, users }: Selection): string {
  const tokens = users.reduce((sum, user) => sum + user.tokens.length, 0);
  return `${count(findings.length, "finding")}, ${count(tokens, "token")} of ${count(users.length, "user")}`;
}

/** Buttons for the previous and the next page. */
export function pager(page: number, pages: number): Html {
  if (pages < 2) return html``;
  const button = (to: number, label: string, text: string) =>
    html`<button type="button" data-page="${to}" aria-label="${label}" ${(to < 1 || to > pages) && html` disabled`}>
      ${text}
    </button>`;
  return html`${button(page - 1, "Previous page", "← Previous")}
    <span>Page ${page} of ${pages}</span> ${button(page + 1, "Next page", "Next →")}`;
}
