/** An `issues` entry of the API's error body. */
export interface ApiIssue {
  readonly message: string;
}

/**
 * The API answered, and the answer was no.
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

/** Whether the API says that this token may not do that. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403 && error.code === "FORBIDDEN";
}

/** No answer came: the host was not reached, the connection broke, or the time was up. There is no status to tell. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
  /** The code of the failure, for example `ECONNREFUSED` or `ETIMEDOUT`. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** An answer came with status 200, but it is not what the API promises, so nothing can be concluded from it. */
export class ResponseError extends Error {
  override readonly name = "ResponseError";
}

/** The configuration is incomplete or wrong; nothing was sent. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}
