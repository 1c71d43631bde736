import * as v from "valibot";
import { groupBy } from "../../core/group-by";
import { isBlank, quotedName, shownName } from "../../core/printable";
import { adviseChoice } from "../advice";
import { owaspNhi } from "../owasp-nhi";
import { defineUserRule } from "../rule";

/** Fires on a name that two tokens of one user have. */
export const uniqueTokenNames = defineUserRule({
  name: "unique-token-names",
  displayName: "Token names are unique",
  description: "No user has two tokens of the same name.",
  rationale: "With two tokens of one name nobody knows which one to revoke; it often marks a rotation left half-way.",
  remediation: "Find out which token is in use, then revoke the other.",
  severity: "low",
  enforcementLevel: "advisory",
  controls: ["NIST 800-53r5 CM-8", owaspNhi(1)],
  settings: v.strictObject({
    ignoreCase: v.optional(
      v.pipe(
        v.boolean(),
        v.description("Whether case makes no difference: ß, ẞ and SS are one, σ and ς, too. Default: false."),
      ),
      false,
    ),
  }),
  check(user, { ignoreCase }) {
    // Tokens without a name are the business of token-name-required. An older state may hold null.
    const named = user.tokens.filter(({ name }) => !isBlank(name ?? ""));
    return [...groupBy(named, ({ name = "" }) => (ignoreCase ? foldCase(name) : name))]
      .filter(([, { length }]) => length > 1)
      .map(([name, namesakes]) => ({
        subject: name,
        parts: namesakes.map(({ id }) => id),
        fact:
          `${namesakes.length} tokens are named ${quotedName(namesakes[0]?.name ?? "", 100)} ` +
          `(${namesakes.map(({ id }) => shownName(id, 60)).join(", ")})`,
        fix: adviseChoice("Revoke those that are not in use"),
      }));
  },
});

// Lower case first: the capital of ẞ is ẞ, that of ß is SS.
function foldCase(name: string): string {
  return name.toLowerCase().toUpperCase();
}
