import type { FindingData, PageData } from "./model";
import { urgencyOnPage } from "./view/finding";

/** Sorts users and findings by urgency; equally urgent ones keep their order. */
export function byUrgency(data: PageData): PageData {
  const urgent = (finding: FindingData) => urgencyOnPage(data, finding);
  const weights = data.users.map(() => ({ worst: Infinity, count: 0 }));
  for (const finding of data.findings) {
    const weight = weights[finding.user ?? -1];
    if (!weight) continue;
    const level = urgent(finding);
    if (level === weight.worst) weight.count++;
    else if (level < weight.worst) Object.assign(weight, { worst: level, count: 1 });
  }
  const order = data.users.map((user, place) => ({ user, place, ...(weights[place] ?? { worst: 0, count: 0 }) }));
  order.sort((a, b) => compare(a.worst, b.worst) || b.count - a.count);
  const places = new Map(order.map(({ place }, newPlace) => [place, newPlace]));
  const findings = data.findings.map((finding) => {
    const user = places.get(finding.user ?? -1);
    return user === undefined ? finding : { ...finding, user };
  });
  findings.sort((a, b) => urgent(a) - urgent(b) || (a.user ?? -1) - (b.user ?? -1));
  return { ...data, users: order.map(({ user }) => user), findings };
}

// Infinity less Infinity is not a number.
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
