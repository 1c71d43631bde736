import type { AuditClosing, AuditHeader, JudgedUser } from "../audit/result";
import type { Baseline } from "../audit/baseline";
import { acceptedFindings } from "./acceptance";
import { appendRun, type Recorded, type Scope } from "./append";
import type { DatabaseOptions } from "./duckdb";
import { lastCompleteRun } from "./last-complete-run";
import { Ledger } from "./ledger";
import { sinceLastRun } from "./since-last-run";
import { Staging } from "./staging";
import { readTrend } from "./trend";

/** What to read from the ledger once the run is in it. */
export interface Wanted {
  readonly sinceLastRun?: boolean;
  readonly lastCompleteRun?: boolean;
  readonly trend?: boolean;
}

/** Records an audit in a ledger, in one step at its end. The ledger is locked at the beginning and at the end only. */
export class Recorder {
  readonly #ledger: Ledger;
  readonly #header: AuditHeader;
  readonly #staging: Staging;
  readonly #beganAfter: number;

  private constructor(ledger: Ledger, header: AuditHeader, staging: Staging, beganAfter: number) {
    this.#ledger = ledger;
    this.#header = header;
    this.#staging = staging;
    this.#beganAfter = beganAfter;
  }

  /**
   * Opens the ledger, which is made where it is missing, and notes which run is its last.
   *
   * @throws AuditError where it cannot be written, or is of a newer version.
   */
  static async start(place: string, header: AuditHeader, options: DatabaseOptions): Promise<Recorder> {
    const ledger = await Ledger.open(place, options);
    try {
      const [last] = await ledger.write(() =>
        ledger.database.rows("SELECT coalesce(max(run_id), 0) AS run_id FROM token_ledger.runs"),
      );
      return new Recorder(ledger, header, await Staging.start(ledger.database, header), Number(last?.run_id));
    } catch (error) {
      ledger.close();
      throw error;
    }
  }

  /** What was accepted before this run; `undefined` where nothing ever was. @throws AuditError where the ledger cannot be read. */
  accepted(): Promise<Baseline | undefined> {
    return this.#ledger.read(() => acceptedFindings(this.#ledger));
  }

  add(user: JudgedUser): void {
    this.#staging.add(user, this.#header);
  }

  /**
   * Writes the run, and compares it with those before.
   *
   * @throws AuditError where the ledger cannot be written or read: then it is as it was.
   */
  async finish(
    closing: AuditClosing,
    scope: Scope,
    wanted: Wanted = {},
    finishedAt = Date.now(),
  ): Promise<Recorded & Pick<AuditClosing, "sinceLastRun" | "lastCompleteRun" | "trend">> {
    const header = this.#header;
    const digest = this.#staging.end(closing, subjectOf(header, scope));
    const facts = { header, closing, scope, digest, finishedAt, beganAfter: this.#beganAfter };
    return this.#ledger.write(async () => {
      const recorded = await appendRun(this.#ledger, facts);
      const last = wanted.lastCompleteRun ? await lastCompleteRun(this.#ledger, header, scope) : undefined;
      return {
        ...recorded,
        ...(last !== undefined && { lastCompleteRun: last }),
        ...(wanted.sinceLastRun && { sinceLastRun: await sinceLastRun(this.#ledger, recorded.runId) }),
        ...(wanted.trend && { trend: await readTrend(this.#ledger, recorded.runId) }),
      };
    });
  }

  close(): void {
    this.#ledger.close();
  }
}

/** What findings about the stack and the configuration are about, so that those of other stacks are not compared with them. */
export function subjectOf({ source }: AuditHeader, scope: Scope): string {
  return JSON.stringify([source.kind, source.name, scope]);
}
