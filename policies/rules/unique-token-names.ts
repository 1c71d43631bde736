import * as v from "valibot";
import { groupBy } from "../../core/group-by";
import { isBlank, quotedName, shownName } from "../../core/printable";
import { adviseChoice } from "../advice";
import { owaspNhi } from "../owasp-nhi";
import { defineUserRule } from "../rule";

/** Fires where several tokens of one user have the same name. */
export const uniqueTokenNames = defineUserRule({
  name: "unique-token-names",
  displayName: "Token names are unique",
  description: "No user has two tokens with the same name.",
  rationale:
    "With two tokens of the same name, nobody knows which one to revoke; it is often a sign of an unfinished rotation.",
  remediation: "Find out which token is in use, then revoke the other.",
  severity: "low",
  enforcementLevel: "advisory",
  controls: ["NIST 800-53r5 CM-8", owaspNhi(1)],
  settings: v.strictObject({
    ignoreCase: v.optional(
      v.pipe(
        v.boolean(),
        v.description("Whether case is ignored: ß, ẞ and SS are the same, and so are σ and ς. Default: false."),
      ),
      false,
    ),
  }),
  check(user, { ignoreCase }) {
    // Tokens without a name are left to token-name-required. An older state may hold null.
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
