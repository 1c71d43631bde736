import type { Finding } from "../../audit/result";
import { decodeText, printable, shownName } from "../../core/printable";
import { decodeToken, type UserToken } from "../../core/user-token";
import { nameUserToken } from "../../policies/token-facts";
import { describeWaiver } from "../../policies/waivers";

/** A finding's message without what the page shows beside it, and apart from it how to fix it. */
export function shortenMessage(
  { message, username, waiver }: Finding,
  token?: UserToken,
): { readonly text: string; readonly fix?: string } {
  const prefixes = username === undefined ? [] : startsOf(decodeText(username), token && decodeToken(token));
  const prefix = prefixes.find((known) => message.startsWith(known)) ?? "";
  const suffix = waiver ? ` [${describeWaiver(waiver)}]` : "";
  const end = suffix !== "" && message.endsWith(suffix) ? -suffix.length : undefined;
  const core = printable(message.slice(prefix.length, end), Infinity);
  // Messages tell the fact in one sentence, and then how to fix it.
  const sentence = core.indexOf(". ");
  if (sentence < 0) return { text: core };
  return { text: core.slice(0, sentence + 1), fix: core.slice(sentence + 2) };
}

/** How messages begin, which are made from names as they are. */
function startsOf(username: string, token?: UserToken): string[] {
  return [...(token ? [`${nameUserToken(username, token)}: `] : []), `${shownName(username, 255)}: `];
}
