import { count, thousands } from "../../../core/count";
import { groupBy } from "../../../core/group-by";
import { isCounted } from "../../../audit/standing";
import { WITHOUT_OWNER } from "../../vocabulary/by-owner";
import { enumerate } from "../../vocabulary/words";
import type { FindingData, PageData } from "../model";
import { levelOf, NOBODY, ownerName, standingOnPage, urgencyOnPage } from "./finding";
import { groupByRule } from "./findings";
import { html, when, type Html } from "./html";
import { hashOfView } from "./selection";

/** How many owners the page lists; the filter names all. */
export const LISTED_OWNERS = 200;

/** An owner with findings that count. */
interface Debtor {
  readonly name: string;
  readonly findings: readonly FindingData[];
}

/** Who has to do what: owners with findings that count, those with the most urgent ones first, what nobody owns last. */
function debtors(data: PageData): Debtor[] {
  const counted = data.findings.filter(
    (finding) => finding.user !== undefined && isCounted(standingOnPage(data, finding)),
  );
  // Findings are sorted by urgency.
  const all = [...groupBy(counted, (finding) => ownerName(data, finding))].map(([name, findings]) => ({
    name,
    findings,
  }));
  const urgency = ({ findings }: Debtor) => Math.min(...findings.slice(0, 1).map((one) => urgencyOnPage(data, one)));
  all.sort((a, b) => urgency(a) - urgency(b) || b.findings.length - a.findings.length);
  return [...all.filter(({ name }) => name !== NOBODY), ...all.filter(({ name }) => name === NOBODY)];
}

/** The names of all owners, sorted. */
export function ownerNames({ owners }: PageData): string[] {
  return [...new Set(owners.map(({ name }) => name))].sort((a, b) => a.localeCompare(b, "en"));
}

/** The list of owners, where owners are named. */
export function ownersSection(data: PageData): Html {
  const all = debtors(data);
  const idle = ownerNames(data).filter((name) => !all.some((debtor) => debtor.name === name)).length;
  const rest = all.length - LISTED_OWNERS;
  return html`<section class="panel owners" aria-labelledby="owners">
    <h2 id="owners" tabindex="-1">Who has to do what</h2>
    <ul>
      ${all.slice(0, LISTED_OWNERS).map((debtor) => ownerItem(data, debtor))}
    </ul>
    ${when(rest > 0, () => html`<p class="muted">And ${count(rest, "more owner")}, whom the filter names.</p>`)}${when(
      idle > 0,
      () => html`<p class="muted">${count(idle, all.length > 0 ? "other owner" : "owner")} with nothing to do.</p>`,
    )}
  </section>`;
}

function ownerItem(data: PageData, { name, findings }: Debtor): Html {
  const ways = [...new Set(findings.flatMap(({ owner }) => data.owners[owner ?? -1]?.foundBy ?? []))];
  const of = (level: "mandatory" | "advisory") => findings.filter((finding) => levelOf(data, finding) === level).length;
  return html`<li>
    <h3>
      <a href="${hashOfView({ owner: name })}">${showOwner(name)}</a
      >${when(ways.length > 0, () => html` <span class="muted">by ${enumerate(ways)}</span>`)}
    </h3>
    <p>
      ${when(of("mandatory") > 0, () => html`<span class="pill fail">${thousands(of("mandatory"))} mandatory</span> `)}${when(
        of("advisory") > 0,
        () => html`<span class="pill warn">${thousands(of("advisory"))} advisory</span>`,
      )}
    </p>
    <ul>
      ${groupByRule(data, findings).map(({ rule: place, counted }) => {
        const rule = data.rules[place];
        return html`<li>
          <a href="${hashOfView({ owner: name, rule: rule?.name ?? "" })}">${rule?.displayName}</a>
          <span class="muted">${thousands(counted)}</span>
        </li>`;
      })}
    </ul>
  </li>`;
}

/** An owner's name on the page. */
export function showOwner(name: string): Html {
  return name === NOBODY ? html`<i>${WITHOUT_OWNER}</i>` : html`<bdi>${name}</bdi>`;
}
