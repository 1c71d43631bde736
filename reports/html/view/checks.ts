import { count, thousands } from "../../../core/count";
import type { PageData } from "../model";
import { groupByRule } from "./findings";
import { html, when, type Html } from "./html";

/** All rules with their settings: what was looked at, also where nothing was found, and what was not. */
export function checksTable(data: PageData): Html {
  const groups = new Map(groupByRule(data).map((group) => [group.rule, group]));
  const judged = data.rules.filter(({ enforcementLevel }) => enforcementLevel !== "disabled").length;
  return html`<section class="checks" aria-labelledby="checks">
    <details>
      <summary>
        <h2 id="checks">What was checked</h2>
        <span class="muted"
          >${count(judged, "rule")}${when(
            judged < data.rules.length,
            () => html`, ${thousands(data.rules.length - judged)} disabled`,
          )}</span
        >
      </summary>
      <table role="table">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">Rule</th>
            <th role="columnheader" scope="col">Level</th>
            <th role="columnheader" scope="col">Severity</th>
            <th role="columnheader" scope="col">Settings</th>
            <th role="columnheader" scope="col" class="number">Findings</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${data.rules.map((rule, place) => {
            const group = groups.get(place);
            const others = (group?.findings.length ?? 0) - (group?.counted ?? 0);
            return html`<tr role="row" class="${rule.enforcementLevel}">
              <th role="rowheader" scope="row">
                <code>${rule.name}</code><span>${rule.description}</span>${when(
                  rule.controls.length > 0,
                  () => html`<span class="muted">${rule.controls.join(", ")}</span>`,
                )}
              </th>
              <td role="cell" data-label="Level">${rule.enforcementLevel}</td>
              <td role="cell" data-label="Severity">${rule.severity}</td>
              <td role="cell" data-label="Settings">
                ${rule.settings.map(([name, value]) => html`<span class="setting">${name}: <bdi>${value}</bdi></span>`)}
              </td>
              <td role="cell" data-label="Findings" class="number">
                ${
                  rule.enforcementLevel === "disabled" && !group ? "not judged" : thousands(group?.counted ?? 0)
                }${when(others > 0, () => html` <span class="muted">+ ${thousands(others)} not counted</span>`)}
              </td>
            </tr>`;
          })}
        </tbody>
      </table>
    </details>
  </section>`;
}
