import type { Digest } from "../notice";
import { lineOf, salutationOf, titleOf } from "../wording";

/** Characters in one of Slack's text objects, at most. */
const MAX_TEXT = 3000;

/**
 * A message for an incoming webhook, in Block Kit. Names are only in `plain_text`, which neither formats nor mentions;
 * `text`, which does, is what notifications show.
 */
export function slackMessage(digest: Digest): object {
  const lines = [salutationOf(digest), ...digest.notices.map((notice) => `• ${lineOf(notice)}`)];
  return {
    text: titleOf(digest),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: "header", text: plainText(titleOf(digest)) },
      ...joinUpTo(lines, MAX_TEXT).map((text) => ({ type: "section", text: plainText(text) })),
    ],
  };
}

function plainText(text: string) {
  return { type: "plain_text", text, emoji: false };
}

/** Joins lines into texts of a limited length. */
function joinUpTo(lines: readonly string[], limit: number): string[] {
  return lines.reduce<string[]>((texts, line) => {
    const joined = texts.length === 0 ? line : `${texts.at(-1)}\n${line}`;
    return joined.length <= limit && texts.length > 0 ? [...texts.slice(0, -1), joined] : [...texts, line];
  }, []);
}
