// Titles and pages as at https://owasp.org/www-project-non-human-identities-top-10/2025/
const RISKS = {
  1: { title: "Improper Offboarding", page: "1-improper-offboarding" },
  5: { title: "Overprivileged NHI", page: "5-overprivileged-nhi" },
  7: { title: "Long-Lived Secrets", page: "7-long-lived-secrets" },
} as const;

/** A risk of the OWASP Non-Human Identities Top 10 (2025), as rules name it among their controls. */
export function owaspNhi(risk: keyof typeof RISKS): string {
  return `OWASP NHI${risk}:2025 ${RISKS[risk].title}`;
}

/** OWASP's page about a control; `undefined` for what is not a risk that a rule of this package names. */
export function owaspPageOf(control: string): string | undefined {
  const number = /^OWASP NHI(\d+):2025 /.exec(control)?.[1];
  const page = Object.entries(RISKS).find(([risk]) => risk === number)?.[1].page;
  return page && `https://owasp.org/www-project-non-human-identities-top-10/2025/${page}/`;
}
