import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../../../tools/sandbox";
import { day, finding, newPlace, record, token } from "./support";

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
  return place;
}

/** The page's queries in SQL. */
export function pageQueries(): string[] {
  const page = readFileSync(path.join(ROOT, "docs/history.md"), "utf8");
  return [...page.matchAll(/```sql\n(.*?)```/gs)].map(([, sql = ""]) => sql);
}
