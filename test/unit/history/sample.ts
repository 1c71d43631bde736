import { readFileSync } from "node:fs";
import path from "node:path";
import { DAY } from "../../../core/duration";
import { Ledger } from "../../../history/ledger";
import { recordDigest } from "../../../history/notices";
import { ROOT } from "../../../tools/sandbox";
import { plan } from "../notices/support";
import { day, finding, newPlace, record, START, token } from "./support";

/** A ledger in which every view has rows. */
export async function sampleLedger(): Promise<string> {
  const place = newPlace();
  const [a, b] = [token("a"), token("b", { expireAt: day(100) })];
  const found = { tokens: [a, b], findings: [finding("ada", "a")], isServiceAccount: false };
  const clean = { ...found, findings: [] };
  await record(
    place,
    { now: 0, users: { ada: found } },
    { now: 1, users: { ada: clean }, failing: ["bob"] },
    { now: 2, users: { ada: found } },
    { now: 63.5, users: { ada: found } },
  );
  await sendNotice(place);
  return place;
}

async function sendNotice(place: string): Promise<void> {
  const notices = plan({ now: 75, users: { ada: [token("b", { expireAt: day(100) })] } });
  const ledger = await Ledger.open(place, { env: {} });
  try {
    for (const digest of notices) await ledger.write(() => recordDigest(ledger, digest, START + 75 * DAY));
  } finally {
    ledger.close();
  }
}

/** The page's queries in SQL. */
export function pageQueries(): string[] {
  const page = readFileSync(path.join(ROOT, "docs/history.md"), "utf8");
  return [...page.matchAll(/```sql\n(.*?)```/gs)].map(([, sql = ""]) => sql);
}
