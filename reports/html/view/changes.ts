import { thousands } from "../../../core/count";
import { capitalize } from "../../vocabulary/words";
import type { ChangeFacts } from "../model";
import { day, minute } from "./dates";
import { html, when, type Html } from "./html";

/** What is new and what was fixed since the last run. */
export function changesSection({ title, sentence, counts, opened, fixed }: ChangeFacts): Html {
  return html`<section class="panel changes" aria-labelledby="changes">
    <h2 id="changes" tabindex="-1">${title}</h2>
    <p>${capitalize(sentence)}</p>
    ${when(opened.length > 0, () =>
      list(
        "New",
        counts?.new ?? 0,
        opened.map((text) => html`<bdi>${text}</bdi>`),
      ),
    )}${when(fixed.length > 0, () =>
      list(
        "Fixed",
        counts?.fixed ?? 0,
        fixed.map(
          ({ text, since, after, by }) =>
            html`<bdi>${text}</bdi>
              <span class="muted">Open since ${day(since)}, fixed between ${minute(after)} and ${minute(by)}.</span>`,
        ),
      ),
    )}
  </section>`;
}

function list(title: string, number: number, items: readonly Html[]): Html {
  const rest = number - items.length;
  return html`<details>
    <summary>${title} <span class="muted">${thousands(number)}</span></summary>
    <ul>
      ${items.map((item) => html`<li>${item}</li>`)}
    </ul>
    ${when(rest > 0, () => html`<p class="muted">And ${thousands(rest)} more.</p>`)}
  </details>`;
}
