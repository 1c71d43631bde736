import { isCounted } from "../../../audit/standing";
import type { FindingData, PageData, TokenData, UserData } from "../model";
import { findingsByUser, levelOf, ownerName, severityOf, standingOnPage } from "./finding";

/** The reader's search, filters and page, as the address holds them; an empty text matches everything. */
export interface View {
  readonly q: string;
  readonly rule: string;
  readonly level: string;
  readonly severity: string;
  /** `open`, `waived`, `known` or `new`. */
  readonly status: string;
  /** A token type; `other` for those that this version does not know. */
  readonly type: string;
  /** `service` or `person`. */
  readonly account: string;
  /** An owner's name; {@link NOBODY} for what has none. */
  readonly owner: string;
  /** From 1. */
  readonly page: number;
}

export const EVERYTHING: View = {
  q: "",
  rule: "",
  level: "",
  severity: "",
  status: "",
  type: "",
  account: "",
  owner: "",
  page: 1,
};

/** The view in an address; unknown keys are ignored. */
export function viewOfHash(hash: string): View {
  const params = new URLSearchParams(hash.replace(/^#/, ""));
  const text = (key: string) => params.get(key) ?? "";
  return {
    q: text("q"),
    rule: text("rule"),
    level: text("level"),
    severity: text("severity"),
    status: text("status"),
    type: text("type"),
    account: text("account"),
    owner: text("owner"),
    page: Math.max(1, Math.floor(Number(text("page")) || 1)),
  };
}

/** The address of a view, without its defaults. */
export function hashOfView(view: Partial<View>): string {
  const asked = Object.entries(view).filter(([key, value]) => value !== "" && !(key === "page" && value === 1));
  return `#${new URLSearchParams(asked.map(([key, value]): [string, string] => [key, String(value)])).toString()}`;
}

/** What a view shows. */
export interface Selection {
  readonly findings: readonly FindingData[];
  readonly users: readonly SelectedUser[];
}

/** A user, with the places of the shown tokens and the shown findings. */
export interface SelectedUser {
  readonly place: number;
  readonly tokens: readonly number[];
  readonly findings: readonly FindingData[];
  /** Whether the user continues from the previous page. */
  readonly isContinued?: boolean;
}

/** Selects what a view shows: a row must contain each word of the search. */
export function select(data: PageData, view: View): Selection {
  const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (text: string) => words.every((word) => text.includes(word));
  const isAboutFindings = [view.rule, view.level, view.severity, view.status].some((value) => value !== "");
  const isTheirs = (owned: { readonly owner?: number }) => view.owner === "" || ownerName(data, owned) === view.owner;
  const isAsked = (finding: FindingData) => matches(data, finding, view) && isTheirs(finding);
  const textOf = (finding: FindingData) => findingText(data, finding);
  const users: SelectedUser[] = [];
  const findings = new Set<FindingData>(
    data.findings.filter((finding) => finding.user === undefined && view.account === "" && view.type === ""),
  );
  for (const finding of findings) if (!isAsked(finding) || !has(textOf(finding))) findings.delete(finding);

  for (const [place, own] of findingsByUser(data).entries()) {
    const user = data.users[place];
    if (!user || (view.account !== "" && user.account !== view.account)) continue;
    const asked = own.filter(isAsked);
    const name = userText(user);
    const about = asked.filter(
      (finding) => finding.token === undefined && view.type === "" && has(`${name} ${textOf(finding)}`),
    );
    // Their findings say that these tokens are somebody else's.
    const others = new Set(own.filter((finding) => !isTheirs(finding)).map(({ token }) => token));
    const isWhole = (!isAboutFindings && isTheirs(user)) || about.length > 0;
    const shown = new Map<number, FindingData[]>();
    for (const [at, token] of user.tokens.entries()) if (isOfType(token, view.type)) shown.set(at, []);
    for (const finding of asked) shown.get(finding.token ?? -1)?.push(finding);
    const tokens = [...shown].filter(([at, its]) => {
      if (its.length === 0 && (!isWhole || others.has(at))) return false;
      return has(`${name} ${tokenText(user.tokens[at])} ${its.map(textOf).join(" ")}`);
    });
    const visible = [...about, ...tokens.flatMap(([, its]) => its)];
    for (const finding of visible) findings.add(finding);
    if (tokens.length > 0 || about.length > 0 || (isWhole && isBare(user, view) && has(name)))
      users.push({ place, tokens: tokens.map(([at]) => at), findings: visible });
  }
  return { findings: data.findings.filter((finding) => findings.has(finding)), users };
}

/** The timeline's rows on a page, however many tokens a user has. */
export const ROWS_A_PAGE = 50;

/** The users of each page: at most {@link ROWS_A_PAGE} tokens; a user with more continues on the next page. */
export function paginate(users: readonly SelectedUser[], rows = ROWS_A_PAGE): SelectedUser[][] {
  const pages: SelectedUser[][] = [[]];
  let room = rows;
  for (const user of users) {
    let rest = user.tokens;
    let isContinued = false;
    do {
      if (room <= 0) {
        pages.push([]);
        room = rows;
      }
      const part = rest.slice(0, room);
      pages.at(-1)?.push({ ...user, tokens: part, ...(isContinued && { isContinued }) });
      // A user without tokens takes a row, too.
      room -= Math.max(2, part.length);
      rest = rest.slice(part.length);
      isContinued = true;
    } while (rest.length > 0);
  }
  return pages;
}

function matches(data: PageData, finding: FindingData, { rule, level, severity, status }: View): boolean {
  return (
    (rule === "" || data.rules[finding.rule]?.name === rule) &&
    (level === "" || levelOf(data, finding) === level) &&
    (severity === "" || severityOf(data, finding) === severity) &&
    (status === "" || isOfStatus(data, finding, status))
  );
}

function isOfStatus(data: PageData, finding: FindingData, status: string): boolean {
  if (status === "known" || status === "new") return finding.isKnown === (status === "known");
  const standing = standingOnPage(data, finding);
  return status === "open" ? isCounted(standing) : standing === status;
}

function isOfType({ type }: TokenData, asked: string): boolean {
  if (asked === "") return true;
  return asked === "other" ? type !== "read_write" && type !== "read_scaling" : type === asked;
}

function isBare({ tokens }: UserData, { type }: View): boolean {
  return tokens.length === 0 && type === "";
}

function findingText(data: PageData, finding: FindingData): string {
  const { name = "", displayName = "" } = data.rules[finding.rule] ?? {};
  return `${name} ${displayName} ${finding.text} ${ownerName(data, finding)}`.toLowerCase();
}

function userText({ name, email, roles = [] }: UserData): string {
  return [name, email ?? "", ...roles].join(" ").toLowerCase();
}

function tokenText(token: TokenData | undefined): string {
  return `${token?.name ?? ""} ${token?.description ?? ""} ${token?.id ?? ""} ${token?.type ?? ""}`.toLowerCase();
}
