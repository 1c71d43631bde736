import { hash } from "node:crypto";
import type { AuditClosing, AuditHeader, JudgedUser } from "../audit/result";

/** What is used of an audit's JSON report. */
export interface AuditReport extends Pick<AuditClosing, "findings" | "failures"> {
  readonly audit: AuditHeader;
  readonly users: readonly JudgedUser[];
}

/** What a notice is about. */
export const NOTICE_KINDS = ["expiring", "expired", "gone", "finding"] as const;

/** One of the {@link NOTICE_KINDS}. */
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** Something to tell an owner. All texts are as reports have them: safe to print, one line each. */
export interface Notice {
  readonly kind: NoticeKind;
  /** The same for a token with the same expiry; a finding's fingerprint. */
  readonly subject: string;
  /** The threshold of an `expiring` one. */
  readonly days?: number;
  /** Absent where nobody owns it. */
  readonly owner?: string;
  /** Empty if the evidence does not include it. */
  readonly apiUrl: string;
  /** Empty where nobody named it. */
  readonly organization: string;
  /** Absent for a finding about no user. */
  readonly username?: string;
  readonly tokenId?: string;
  readonly tokenName?: string;
  /** As the API wrote it. */
  readonly expireAt?: string;
  /** One sentence or more. */
  readonly message: string;
}

/** A notice that a channel accepted, as the ledger has it. */
export interface SentNotice extends Omit<Notice, "message"> {
  readonly channel: string;
}

/** A message for one owner over one channel. */
export interface Digest {
  readonly channel: string;
  /** Absent where nobody owns what it is about. */
  readonly owner?: string;
  readonly notices: readonly Notice[];
  /** The same for the same notices, so that receivers recognize what they got before. */
  readonly id: string;
}

/** The same for the same notice over every channel. */
export function noticeId({ kind, subject, days }: Pick<Notice, "kind" | "subject" | "days">): string {
  return digestOf(kind, subject, days ?? null);
}

/** 128 bits of a SHA-256. */
export function digestOf(...parts: readonly unknown[]): string {
  return hash("sha256", JSON.stringify(parts)).slice(0, 32);
}
