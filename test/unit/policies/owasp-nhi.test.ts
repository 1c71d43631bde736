import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { owaspNhi, owaspPageOf } from "../../../policies/owasp-nhi";
import { rules } from "../../../policies/rules";

describe("the risks of the OWASP Non-Human Identities Top 10", () => {
  it("are named by the rules that bound them, and by no other", () => {
    const named = rules.map(({ name, controls }) => [name, controls.filter((control) => control.startsWith("OWASP"))]);
    assert.deepEqual(Object.fromEntries(named.filter(([, risks]) => risks?.length !== 0)), {
      "tokens-must-expire": ["OWASP NHI7:2025 Long-Lived Secrets"],
      "max-token-lifetime": ["OWASP NHI7:2025 Long-Lived Secrets"],
      "max-token-age": ["OWASP NHI7:2025 Long-Lived Secrets"],
      "admin-tokens-limited": ["OWASP NHI5:2025 Overprivileged NHI", "OWASP NHI7:2025 Long-Lived Secrets"],
      "max-read-write-tokens": ["OWASP NHI5:2025 Overprivileged NHI"],
      "read-scaling-only": ["OWASP NHI5:2025 Overprivileged NHI"],
      "deprovisioned-user-has-tokens": ["OWASP NHI1:2025 Improper Offboarding"],
      "no-expired-tokens": ["OWASP NHI1:2025 Improper Offboarding"],
      "max-tokens-per-user": ["OWASP NHI1:2025 Improper Offboarding"],
      "unique-token-names": ["OWASP NHI1:2025 Improper Offboarding"],
      "token-owner-required": ["OWASP NHI1:2025 Improper Offboarding"],
    });
  });

  it("have a page each, which other controls do not have", () => {
    assert.equal(
      owaspPageOf(owaspNhi(7)),
      "https://owasp.org/www-project-non-human-identities-top-10/2025/7-long-lived-secrets/",
    );
    for (const control of ["NIST 800-53r5 IA-5 f", "OWASP NHI77:2025 Long-Lived Secrets", "constructor", ""]) {
      assert.equal(owaspPageOf(control), undefined);
    }
  });
});
