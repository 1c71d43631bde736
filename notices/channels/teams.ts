import type { Digest } from "../notice";
import { lineOf, salutationOf, titleOf } from "../wording";

/**
 * A message for a workflow's webhook, with an Adaptive Card. Names are only in `TextRun`s, which have no Markdown, unlike
 * `TextBlock`s; and nothing is a mention that is not listed in `msteams.entities`.
 */
export function teamsMessage(digest: Digest): object {
  const lines = [salutationOf(digest), ...digest.notices.map((notice) => `• ${lineOf(notice)}`)];
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          body: [
            { type: "TextBlock", text: titleOf(digest), weight: "Bolder", wrap: true },
            ...lines.map((text) => ({ type: "RichTextBlock", inlines: [{ type: "TextRun", text }] })),
          ],
        },
      },
    ],
  };
}
