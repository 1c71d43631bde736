import * as v from "valibot";
import { DEFAULT_API_URL, normalizeApiUrl } from "../../core/api-url";
import { printable, quoted } from "../../core/printable";
import { defineUserRule, type UserEvidence, type Violation } from "../rule";

/**
 * Fires on tokens that were not read where the owner of the pack expects it: a stack's configuration can name any API, and
 * one that answers "no tokens" would let everything pass.
 */
export const evidenceOrigin = defineUserRule({
  name: "evidence-origin",
  displayName: "Evidence comes from the expected API",
  description: "The tokens that are judged were read from the API that the owner of the rules expects.",
  rationale:
    "A program and its stack's configuration choose which API is read. The owner of the rules must not have to believe that choice: another API can answer anything.",
  remediation:
    "Remove motherduck-tokens:apiUrl from the stack's configuration, or let the owner of the rules allow the address with apiUrls.",
  severity: "critical",
  enforcementLevel: "mandatory",
  controls: ["NIST 800-53r5 AU-10", "NIST 800-53r5 CM-8"],
  waivable: false,
  hasFixedSeverity: true,
  settings: v.strictObject({
    apiUrls: v.optional(
      v.pipe(
        v.array(
          v.pipe(
            v.string(),
            v.regex(/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/i, "an http or https URL"),
            v.check((text) => normalizeApiUrl(text) !== undefined, "an http or https URL"),
          ),
        ),
        v.minLength(1),
        v.description(
          `The base URLs from which evidence may come. Default: ${DEFAULT_API_URL}, or MOTHERDUCK_API_URL of the process that judges.`,
        ),
      ),
      [DEFAULT_API_URL],
    ),
  }),
  check(user, { apiUrls }) {
    const fault = findFault(user, apiUrls);
    return fault === undefined ? [] : [fault];
  },
});

function findFault({ origin, hasForeignProvider }: UserEvidence, apiUrls: readonly string[]): Violation | undefined {
  if (hasForeignProvider === true) {
    return {
      parts: ["__provider"],
      fact: "the tokens were read by a provider that is not part of this package (`__provider` has another text)",
      fix: "Declare the resource with the class of this package.",
    };
  }
  const found = origin && normalizeApiUrl(origin.apiUrl);
  if (found !== undefined && apiUrls.some((url) => normalizeApiUrl(url) === found)) return undefined;
  const expected = apiUrls.map((url) => printable(normalizeApiUrl(url) ?? url, 255)).join(" or ");
  if (origin === undefined) {
    return {
      parts: ["not known"],
      fact: `it is not known where the tokens were read; expected is ${expected}`,
      fix: "Run a preview or an update with this version of the package, without --target and --exclude.",
    };
  }
  return {
    parts: [origin.apiUrl],
    fact: `the tokens were read from ${quoted(origin.apiUrl, 255)}; expected is ${expected}`,
    fix:
      "Remove motherduck-tokens:apiUrl from the program's configuration. If the address is right, the owner of the rules " +
      "allows it with apiUrls of evidence-origin.",
  };
}
