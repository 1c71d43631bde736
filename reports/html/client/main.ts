import type { PageData } from "../model";
import { describeSelection, pager } from "../view/controls";
import { FIRST_FINDINGS, findingsList, groupByRule, type Unfolded, unfoldFirst } from "../view/findings";
import { scaleOf } from "../view/scale";
import { EVERYTHING, hashOfView, paginate, select, type View, viewOfHash } from "../view/selection";
import { usersList } from "../view/users";
import { byId, fill } from "./elements";
import { onPrint } from "./print";
import { rememberTheme } from "./theme";

const data = JSON.parse(byId("data").textContent) as PageData;
const scale = scaleOf(data);
const form = byId<HTMLFormElement>("controls");
const findingsElement = byId("findings-list");
const usersElement = byId("users-list");

let view: View = EVERYTHING;
let selection = select(data, view);
/** The rules that the reader opened or closed, and how many findings of each are shown; reset when the view changes. */
let openRules = new Map<number, boolean>();
let shownFindings = new Map<number, number>();
let isPrinting = false;

const FILTERS = ["rule", "level", "severity", "status", "type", "account", "owner"] as const;
const isFiltered = () => view.q !== "" || FILTERS.some((name) => view[name] !== "");

function render(): void {
  renderFindings();
  const pages = paginate(selection.users);
  const page = Math.min(view.page, pages.length);
  fill(usersElement, usersList(data, pages[page - 1] ?? [], scale));
  fill(byId("pager"), pager(page, pages.length));
  byId("result").textContent = describeSelection(selection);
}

function renderFindings(): void {
  const groups = groupByRule(data, selection.findings);
  const initial = unfoldFirst(groups);
  // Open all rules if a filter leaves only a few.
  const isOpen = (rule: number) =>
    openRules.get(rule) ?? (initial.isOpen(rule) || (isFiltered() && groups.length <= 3));
  const unfolded: Unfolded = isPrinting
    ? { isOpen: () => true, shown: () => Infinity }
    : { isOpen, shown: (rule) => shownFindings.get(rule) ?? FIRST_FINDINGS };
  fill(findingsElement, findingsList(data, groups, unfolded));
}

/** A filter's control; a report can lack some of them. */
function filterOf(name: (typeof FILTERS)[number]): HTMLSelectElement | null {
  return document.querySelector<HTMLSelectElement>(`#filter-${name}`);
}

/** Sets the controls to the view. */
function showInControls(): void {
  byId<HTMLInputElement>("q").value = view.q;
  let active = 0;
  for (const name of FILTERS) {
    const select = filterOf(name);
    if (!select) continue;
    select.value = view[name];
    // The address can hold a value that is not an option of this report.
    if (select.selectedIndex < 0) select.value = "";
    if (view[name] !== "") active++;
  }
  byId("filter-count").textContent = active === 0 ? "" : `(${active})`;
  byId("clear").hidden = !isFiltered();
}

function show(next: View): void {
  const isOtherPage = next.page !== view.page;
  if (hashOfView({ ...next, page: 1 }) !== hashOfView({ ...view, page: 1 })) {
    openRules = new Map();
    shownFindings = new Map();
  }
  view = next;
  selection = select(data, view);
  showInControls();
  render();
  if (isOtherPage) byId("users").scrollIntoView();
}

/** Shows the view in the controls, and updates the address without a history entry for each letter. */
function readControls(): void {
  const { value: q } = byId<HTMLInputElement>("q");
  const filters = FILTERS.map((name) => [name, filterOf(name)?.value ?? ""] as const);
  show({ ...EVERYTHING, q, ...Object.fromEntries(filters) });
  history.replaceState(null, "", hashOfView(view));
}

form.addEventListener("input", readControls);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  history.replaceState(null, "", "#");
  show(EVERYTHING);
  byId("q").focus();
});

addEventListener("hashchange", () => {
  const { hash } = location;
  // A hash without `=` is an anchor, not a view.
  if (hash !== "" && !hash.includes("=")) return;
  const next = viewOfHash(hash);
  show(next);
  if (next.page === 1 && isFiltered()) byId("controls").scrollIntoView();
});

document.addEventListener("click", ({ target }) => {
  const button =
    target instanceof Element ? target.closest<HTMLButtonElement>("button[data-more], button[data-page]") : null;
  if (!button) return;
  const { more, page } = button.dataset;
  if (page !== undefined) {
    // A change of page is a history entry.
    location.hash = hashOfView({ ...view, page: Number(page) });
    byId("users").focus({ preventScroll: true });
    return;
  }
  const rule = Number(more);
  const before = shownFindings.get(rule) ?? FIRST_FINDINGS;
  shownFindings.set(rule, before + 200);
  openRules.set(rule, true);
  renderFindings();
  const first = findingsElement.querySelectorAll<HTMLElement>(`[data-rule="${rule}"] .findings > li`)[before];
  first?.setAttribute("tabindex", "-1");
  first?.focus();
});

findingsElement.addEventListener(
  "toggle",
  ({ target }) => {
    if (!isPrinting && target instanceof HTMLDetailsElement) openRules.set(Number(target.dataset.rule), target.open);
  },
  true,
);

addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof Element && event.target.matches("input, select, textarea");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    byId("q").focus();
  }
});

onPrint((printing) => {
  isPrinting = printing;
  const checks = document.querySelector<HTMLDetailsElement>(".checks details");
  if (checks) checks.open = printing;
  renderFindings();
});

document.documentElement.classList.add("script");
byId<HTMLDetailsElement>("filters").open = innerWidth >= 720;
rememberTheme();
// Sticky elements below the controls need their height.
new ResizeObserver(() => {
  const isSticky = getComputedStyle(form).position === "sticky";
  document.documentElement.style.setProperty("--controls", `${isSticky ? form.offsetHeight : 0}px`);
}).observe(form);
// The audit renders the page in its default view.
if (location.hash.includes("=")) show(viewOfHash(location.hash));
else showInControls();
byId("result").textContent ||= describeSelection(selection);
