import type { AuditClosing, AuditHeader, JudgedUser } from "../audit/result";
import { appendRun, type Recorded, type Scope } from "./append";
import type { DatabaseOptions } from "./duckdb";
import { Ledger } from "./ledger";
import { Staging } from "./staging";

/** A finding that was open when a user was read last. */
export interface KnownFinding {
  /** When it was first seen, ISO 8601. */
  readonly since: string;
}

/** What a ledger knows when an audit begins. */
export interface Before {
  /** The last run; absent in a new ledger. */
  readonly previous?: { readonly runId: number; readonly judgedAt: string; readonly isComplete: boolean };
  /** The findings that were open when their users were read last, by fingerprint. */
  readonly open: ReadonlyMap<string, KnownFinding>;
  /**
   * The fingerprints that do not count as new: of findings that a run recorded for which all findings counted. What was found
   * under `--fail-on-new` stays new until it is gone or accepted: else a pipeline would only have to run again to pass.
   */
  readonly accepted: ReadonlySet<string>;
}

/** Records an audit in a ledger, in one step at its end. The ledger is locked at the beginning and at the end only. */
export class Recorder {
  readonly #ledger: Ledger;
  readonly #header: AuditHeader;
  readonly #staging: Staging;
  readonly #beganAfter: number;
  readonly before: Before;

  private constructor(ledger: Ledger, header: AuditHeader, staging: Staging, beganAfter: number, before: Before) {
    this.#ledger = ledger;
    this.#header = header;
    this.#staging = staging;
    this.#beganAfter = beganAfter;
    this.before = before;
  }

  /**
   * Opens the ledger, which is made where it is missing, and reads what it knows.
   *
   * @throws AuditError where it cannot be written, or is of a newer version.
   */
  static async start(place: string, header: AuditHeader, options: DatabaseOptions): Promise<Recorder> {
    const ledger = await Ledger.open(place, options);
    try {
      const { beganAfter, before } = await ledger.write(() => readBefore(ledger));
      return new Recorder(ledger, header, await Staging.start(ledger.database, header), beganAfter, before);
    } catch (error) {
      ledger.close();
      throw error;
    }
  }

  add(user: JudgedUser): void {
    this.#staging.add(user, this.#header);
  }

  /** Writes the run. @throws AuditError where the ledger cannot be written: then it is as it was. */
  async finish(closing: AuditClosing, scope: Scope, finishedAt = Date.now()): Promise<Recorded> {
    const header = this.#header;
    const digest = this.#staging.end(closing, subjectOf(header, scope));
    const facts = { header, closing, scope, digest, finishedAt, beganAfter: this.#beganAfter };
    return this.#ledger.write(() => appendRun(this.#ledger, facts));
  }

  /** For questions about what was recorded. */
  get ledger(): Ledger {
    return this.#ledger;
  }

  close(): void {
    this.#ledger.close();
  }
}

/** What findings about the stack and the configuration are about, so that those of other stacks are not compared with them. */
export function subjectOf({ source }: AuditHeader, scope: Scope): string {
  return JSON.stringify([source.kind, source.name, scope]);
}

async function readBefore({ database }: Ledger): Promise<{ beganAfter: number; before: Before }> {
  const [last] = await database.rows("SELECT coalesce(max(run_id), 0) AS run_id FROM token_ledger.runs");
  const [previous] = await database.rows(
    `SELECT run_id, strftime(judged_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS judged_at, is_complete FROM token_ledger.runs ORDER BY order_at DESC, run_id DESC LIMIT 1`,
  );
  const open = await database.rows(
    `SELECT fingerprint, strftime(min(open_since), '%Y-%m-%dT%H:%M:%S.%gZ') AS since FROM token_ledger.open_findings GROUP BY fingerprint`,
  );
  const accepted = await database.rows(`
    SELECT DISTINCT f.fingerprint
    FROM (
      SELECT user_id, arg_max({'verdict': verdict_id}, order_at).verdict AS verdict_id
      FROM token_ledger.observations JOIN (SELECT run_id, fail_on_new FROM token_ledger.runs) USING (run_id)
      WHERE in_order AND NOT fail_on_new GROUP BY user_id
    ) v
    JOIN token_ledger.verdict_findings USING (verdict_id) JOIN token_ledger.findings f USING (finding_id)`);
  return {
    beganAfter: Number(last?.run_id),
    before: {
      ...(previous && {
        previous: {
          runId: Number(previous.run_id),
          judgedAt: String(previous.judged_at),
          isComplete: previous.is_complete === true,
        },
      }),
      open: new Map(open.map((row) => [String(row.fingerprint), { since: String(row.since) }])),
      accepted: new Set(accepted.map((row) => String(row.fingerprint))),
    },
  };
}
