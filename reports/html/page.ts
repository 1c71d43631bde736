import { count, thousands } from "../../core/count";
import { readAssets } from "./assets";
import type { PageData, PageFacts } from "./model";
import { changesSection } from "./view/changes";
import { checksTable } from "./view/checks";
import { controls, describeSelection, pager } from "./view/controls";
import { findingsList, groupByRule, unfoldFirst } from "./view/findings";
import { Html, html, jsonForScript, when } from "./view/html";
import { ownersSection } from "./view/owners";
import { scaleOf } from "./view/scale";
import { EVERYTHING, paginate, select } from "./view/selection";
import { endsBar, totalCards, verdictBanner } from "./view/summary";
import { timelineAxis, timelineDefinitions, timelineLegend } from "./view/timeline";
import { trendSection } from "./view/trend";
import { userNames, usersList } from "./view/users";

/** The whole page: one self-contained file. What readers without scripts need is markup. */
export function renderPage(data: PageData, facts: PageFacts): string {
  const { script, scriptHash, style, styleHash } = readAssets();
  const groups = groupByRule(data);
  const selection = select(data, EVERYTHING);
  const pages = paginate(selection.users);
  const scale = scaleOf(data);
  const policy = `default-src 'none'; script-src '${scriptHash}'; style-src '${styleHash}'; base-uri 'none'; form-action 'none'`;
  return html`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${new Html(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>${facts.verdict.word}: MotherDuck tokens</title>
        ${element("<style>", style, "</style>")}
      </head>
      <body>
        <a class="skip" href="#findings">Skip to the findings</a>
        <header class="top">
          <p>MotherDuck tokens <span class="muted">audit</span></p>
          <fieldset class="theme">
            <legend class="hidden">Colours</legend>
            ${["auto", "light", "dark"].map(
              (theme) =>
                html`<label
                  ><input
                    type="radio"
                    name="theme"
                    value="${theme}"
                    id="theme-${theme}"
                    ${theme === "auto" && html` checked`}
                  /><span>${theme}</span></label
                >`,
            )}
          </fieldset>
        </header>
        <main>
          ${verdictBanner(data, facts, groups)} ${totalCards(facts)}
          ${when(facts.totals.tokens > 0, () => endsBar(facts, data.limits.warnDays))}
          ${facts.changes && changesSection(facts.changes)} ${facts.trend && trendSection(facts.trend)}
          ${data.namesOwners && ownersSection(data)} ${controls(data)}
          <section aria-labelledby="findings">
            <h2 id="findings" tabindex="-1">Findings by rule</h2>
            <div id="findings-list">${findingsList(data, groups, unfoldFirst(groups), true)}</div>
          </section>
          <section class="timeline" aria-labelledby="users">
            <h2 id="users" tabindex="-1">Users, and the life of their tokens</h2>
            ${timelineLegend(data)} ${timelineDefinitions(data, scale)}
            <div class="axis-row">${timelineAxis(data, scale)}</div>
            <div id="users-list">${usersList(data, pages[0] ?? [], scale)}</div>
            <nav class="pager needs-script" id="pager" aria-label="Pages of users">${pager(1, pages.length)}</nav>
            ${when(
              pages.length > 1,
              () =>
                html`<noscript
                  ><p class="muted">
                    This is the first of ${thousands(pages.length)} pages of users; the others need JavaScript. All
                    findings are above. The other users:
                  </p>
                  ${userNames(data, pages.slice(1))}</noscript
                >`,
            )}
          </section>
          ${checksTable(data)}
        </main>
        <footer class="muted">
          <p>
            ${describeSelection(selection)} in this
            file.${when(
              facts.leftOut > 0,
              () => html` Left out to keep it small: ${count(facts.leftOut, "token")} without findings.`,
            )}
            Fails on ${describeFailOn(facts.failOn, data.failOnNew)}. Days are 24 hours in UTC. Made by
            pulumi-motherduck-tokens ${facts.version}.
          </p>
        </footer>
        ${element(`<script type="application/json" id="data">`, jsonForScript(data), "</script>")}
        ${element("<script>", script, "</script>")}
      </body>
    </html> `.text;
}

/** An element whose content must not change: the content security policy holds its hash. */
function element(start: string, content: string, end: string): Html {
  return new Html(start + content + end);
}

function describeFailOn(failOn: PageFacts["failOn"], failOnNew: boolean): string {
  const what = {
    mandatory: "mandatory findings",
    advisory: "mandatory and advisory findings",
    none: "no finding",
  }[failOn];
  return failOnNew ? `${what} that are not in the baseline` : what;
}
