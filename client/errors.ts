/** An `issues` entry of the API's error body. */
export interface ApiIssue {
  readonly message: string;
}

/**
 * The API rejected the request.
 *
 * `message` says what happened, for whom, and what to do next; it holds no credential, whatever the server echoed.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The HTTP status, for example 404. */
  readonly status: number;
  /** The API's own code, for example `NOT_FOUND`. Absent where the body had none. */
  readonly code?: string;
  /** What the API said was wrong with the request; often empty. */
  readonly issues: readonly ApiIssue[];

  constructor(message: string, details: { status: number; code?: string; issues?: readonly ApiIssue[] }) {
    super(message);
    this.status = details.status;
    if (details.code !== undefined) this.code = details.code;
    this.issues = details.issues ?? [];
  }
}

/** Whether the API denies this token the permission. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403 && error.code === "FORBIDDEN";
}

/** No response: the host was unreachable, the connection broke, or the time ran out. There is no HTTP status. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
  /** The code of the failure, for example `ECONNREFUSED` or `ETIMEDOUT`. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** A response with status 200 that does not match the API's contract, so nothing can be concluded from it. */
export class ResponseError extends Error {
  override readonly name = "ResponseError";
}

/** The configuration is incomplete or invalid; no request was sent. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}
