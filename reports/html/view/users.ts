import { count, thousands } from "../../../core/count";
import type { FindingData, PageData, TokenData, UserData } from "../model";
import { age, day, end, isWithin, minute } from "./dates";
import { ownerName, toneOf } from "./finding";
import { factOf } from "./finding-fact";
import { html, when, type Html } from "./html";
import { ownerPill } from "./owner-pill";
import type { Scale } from "./scale";
import { hashOfView, type SelectedUser } from "./selection";
import { lifeBar, lifeInWords } from "./timeline";

/** One page of users with their tokens. */
export function usersList(data: PageData, users: readonly SelectedUser[], scale: Scale): Html {
  if (users.length === 0) return html`<p class="nothing">No users or tokens match.</p>`;
  return html`${users.map((selected) => userBlock(data, selected, scale))}`;
}

/** The names of the users on further pages, for readers without the script, which those pages need. */
export function userNames(data: PageData, pages: readonly (readonly SelectedUser[])[]): Html {
  const users = pages.flat().filter(({ isContinued }) => !isContinued);
  return html`<ul class="names">
    ${users.map(({ place }) => {
      const { name = "", tokens = [], leftOut = 0 } = data.users[place] ?? {};
      return html`<li><bdi>${name}</bdi> <span class="muted">${count(tokens.length + leftOut, "token")}</span></li>`;
    })}
  </ul>`;
}

function userBlock(data: PageData, { place, tokens, findings, isContinued }: SelectedUser, scale: Scale): Html {
  const user = data.users[place];
  if (!user) return html``;
  const own = findings.filter(({ token }) => token === undefined);
  const rows = tokens.flatMap((at) => {
    const token = user.tokens[at];
    return token
      ? [
          tokenRow(
            data,
            token,
            findings.filter((finding) => finding.token === at),
            scale,
          ),
        ]
      : [];
  });
  return html`<section class="user" aria-labelledby="user-${place}">
    <header>
      <h3 id="user-${place}">
        <a href="${hashOfView({ q: user.name })}"><bdi>${user.name}</bdi></a
        >${when(isContinued, () => html` <small>continued</small>`)}
      </h3>
      ${userTags(user)}${ownerPill(data, user)}
      <p class="muted">${userLine(user, tokens.length)}</p>
    </header>
    ${when(
      !isContinued && own.length > 0,
      () =>
        html`<ul class="findings own">
          ${own.map((finding) => fact(data, finding))}
        </ul>`,
    )}
    ${
      rows.length === 0
        ? undefined
        : html`<table class="tokens" role="table">
            <caption class="hidden">
              Tokens of
              <bdi>${user.name}</bdi>
            </caption>
            <thead class="hidden" role="rowgroup">
              <tr role="row">
                <th role="columnheader" scope="col">Token</th>
                <th role="columnheader" scope="col">Life</th>
                <th role="columnheader" scope="col">Created</th>
                <th role="columnheader" scope="col">Expires</th>
                <th role="columnheader" scope="col">Findings</th>
              </tr>
            </thead>
            <tbody role="rowgroup">
              ${rows}
            </tbody>
          </table>`
    }
  </section>`;
}

function tokenRow(data: PageData, token: TokenData, findings: readonly FindingData[], scale: Scale): Html {
  const { now, limits } = data;
  const { created, expires } = token;
  return html`<tr role="row">
    <th class="token" role="rowheader" scope="row">
      <span class="name"
        >${token.name === undefined ? html`<i>no name</i>` : html`<bdi>${token.name}</bdi>`}
        <span class="type"
          >${token.type}${when(token.readOnly && token.type === "read_write", () => html`, read only`)}${when(token.isSystem, () => html`, made by MotherDuck`)}</span
        ></span
      >${when(token.description !== undefined, () => html`<bdi class="description">${token.description}</bdi>`)}<code
        >${token.id}</code
      >
    </th>
    <td class="bar" role="cell">${lifeBar(token, data, scale)}<span class="hidden">${lifeInWords(token)}</span></td>
    <td class="created" role="cell">
      <span class="date">${typeof created === "number" ? day(created) : html`<bdi>${created}</bdi>`}</span
      ><span class="words">${age(created, now)}</span>
    </td>
    <td class="expires ${endTone(expires, now, limits.warnDays ?? 0)}" role="cell">${expiry(token, now)}</td>
    <td class="facts" role="cell">
      ${when(
        findings.length > 0,
        () =>
          html`<ul class="findings">
            ${findings.map((finding) => fact(data, finding))}
          </ul>`,
      )}
    </td>
  </tr>`;
}

function expiry({ expires }: TokenData, now: number): Html {
  if (expires === undefined) return html`<span class="date">never</span>`;
  if (typeof expires === "string")
    return html`<span class="date"><bdi>${expires}</bdi></span
      ><span class="words">is not a date</span>`;
  return html`<span class="date">${day(expires)}</span><span class="words">${end(expires, now)}</span>`;
}

function fact(data: PageData, finding: FindingData): Html {
  const rule = data.rules[finding.rule];
  // The user's own owner stands beside the name.
  const showsOwner = ownerName(data, finding) !== ownerName(data, data.users[finding.user ?? -1] ?? {});
  return html`<li class="finding ${toneOf(data, finding)}">
    <a class="rule-name" href="${hashOfView({ rule: rule?.name ?? "" })}">${rule?.name}</a
    >${factOf(data, finding, { showsOwner })}
  </li>`;
}

function userTags({ account, deprovisioned, organization, roles = [] }: UserData): Html {
  // The spaces separate the words for screen readers and in copied text.
  return html`${when(organization, () => html` <span class="pill"><bdi>${organization}</bdi></span>`)}${when(account, () => html` <span class="pill">${account === "service" ? "service account" : "person"}</span>`)}${roles.map((role) => html` <span class="pill"><bdi>${role}</bdi></span>`)}${when(
    deprovisioned === true,
    () => html` <span class="pill fail">deprovisioned</span>`,
  )}${when(deprovisioned === "unknown", () => html` <span class="pill warn">deprovisioned or not: unknown</span>`)}`;
}

function userLine({ tokens, leftOut = 0, email, read, urn }: UserData, shown: number): Html {
  const all = tokens.length + leftOut;
  const some = shown < all && shown > 0 ? `${thousands(shown)} of ` : "";
  return html`${when(email, () => html`<bdi>${email}</bdi> · `)}${some}${count(all, "token")}${when(leftOut > 0, () => html` (${thousands(leftOut)} without findings not in this file)`)}${when(
    read !== undefined,
    () => html` · read ${minute(read ?? 0)}`,
  )}${when(urn, () => html` · <bdi class="urn">${urn}</bdi>`)}`;
}

function endTone(expires: TokenData["expires"], now: number, warnDays: number): string {
  if (typeof expires !== "number") return "fail";
  if (expires <= now) return "calm";
  return isWithin(expires, now, warnDays) ? "warn" : "";
}
