import type { Digest, NoticeKind, SentNotice } from "../notices/notice";
import type { Row, Value } from "./duckdb";
import type { Ledger } from "./ledger";

/** What channels have accepted, in that order. To be called inside {@link Ledger.read} or {@link Ledger.hold}. */
export async function readNotices({ database }: Pick<Ledger, "database">): Promise<SentNotice[]> {
  const rows = await database.rows("SELECT * EXCLUDE (sent_at) FROM token_ledger.notices ORDER BY sent_at, rowid");
  return rows.map(toSentNotice);
}

/** Records that a channel has accepted a message. To be called inside of a transaction of {@link Ledger.hold}. */
export async function recordDigest({ database }: Pick<Ledger, "database">, digest: Digest, now: number): Promise<void> {
  for (const notice of digest.notices) {
    await database.run(
      `INSERT INTO token_ledger.notices BY NAME
       SELECT $subject AS subject, $kind AS kind, $days AS days, $channel AS channel, $owner AS owner, $api_url AS api_url,
         $organization AS organization, $username AS username, $token_id AS token_id, $token_name AS token_name,
         $expire_at AS expire_at, $message_id AS message_id, epoch_ms($now::BIGINT) AS sent_at`,
      {
        ...{ subject: notice.subject, kind: notice.kind, days: notice.days ?? null },
        ...{ channel: digest.channel, owner: digest.owner ?? null },
        ...{ api_url: notice.apiUrl, organization: notice.organization },
        ...{ username: notice.username ?? null, token_id: notice.tokenId ?? null },
        ...{ token_name: notice.tokenName ?? null, expire_at: notice.expireAt ?? null },
        ...{ message_id: digest.id, now },
      },
    );
  }
}

function toSentNotice(row: Row): SentNotice {
  const text = (key: string, value: Value | undefined) => (value == null ? {} : { [key]: String(value) });
  return {
    ...{ kind: row.kind as NoticeKind, subject: String(row.subject), channel: String(row.channel) },
    ...{ apiUrl: String(row.api_url), organization: String(row.organization) },
    ...(typeof row.days === "number" && { days: row.days }),
    ...text("owner", row.owner),
    ...text("username", row.username),
    ...text("tokenId", row.token_id),
    ...text("tokenName", row.token_name),
    ...text("expireAt", row.expire_at),
  };
}
