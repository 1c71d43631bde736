/** What is read, as errors name it. */
export interface ReadTarget {
  /** For example `the tokens of user "ada"`. Safe to print. */
  readonly name: string;
  /** Whose tokens; absent where it is about no single user. */
  readonly username?: string;
}

/** An `issues` entry of the API's error body. */
export interface ApiIssue {
  readonly message: string;
}

/**
 * The base of all errors of this package. `message` says what happened, for whom, and what to do next; it holds no
 * credential, whatever the server echoed.
 */
export abstract class MotherDuckTokensError extends Error {
  /** The HTTP status, for example 404; absent where there was no error response. */
  readonly status?: number;
  /** The API's code, for example `NOT_FOUND`, or the network's, for example `ECONNREFUSED`; absent where there is none. */
  readonly code?: string;
  /** Whose tokens could not be read, as they were asked for; absent where it is about no single user. */
  readonly username?: string;

  constructor(message: string, { status, code, username }: ErrorDetails = {}) {
    super(message);
    if (status !== undefined) this.status = status;
    if (code !== undefined) this.code = code;
    if (username !== undefined) this.username = username;
  }
}

type ErrorDetails = Partial<Pick<MotherDuckTokensError, "status" | "code" | "username">>;

/** Something could not be read. */
export abstract class ReadError extends MotherDuckTokensError {
  /** `message` without what was read: what happened, and what to do next. */
  readonly reason: string;

  constructor({ name, ...user }: ReadTarget, reason: string, details: Pick<ErrorDetails, "status" | "code"> = {}) {
    super(`could not read ${name}: ${reason}`, { ...user, ...details });
    this.reason = reason;
  }
}

/** The API rejected the request. */
export class ApiError extends ReadError {
  override readonly name = "ApiError";
  declare readonly status: number;
  /** What the API said was wrong with the request; often empty. */
  readonly issues: readonly ApiIssue[];

  constructor(
    target: ReadTarget,
    reason: string,
    details: { readonly status: number; readonly code?: string; readonly issues?: readonly ApiIssue[] },
  ) {
    super(target, reason, details);
    this.issues = details.issues ?? [];
  }
}

/** Whether the API denies this token the permission. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403 && error.code === "FORBIDDEN";
}

/** No response: the host was unreachable, the connection broke, or the time ran out. There is no HTTP status. */
export class NetworkError extends ReadError {
  override readonly name = "NetworkError";
  declare readonly code: string;

  constructor(target: ReadTarget, reason: string, code: string) {
    super(target, reason, { code });
  }
}

/** A response with status 200 that does not match the API's contract, so nothing can be concluded from it. */
export class ResponseError extends ReadError {
  override readonly name = "ResponseError";
}

/** A user was not asked for, because the reads before had failed. */
export class NotAskedError extends ReadError {
  override readonly name = "NotAskedError";
}

/** The configuration is incomplete or invalid; no request was sent. */
export class SettingsError extends MotherDuckTokensError {
  override readonly name = "SettingsError";
}
