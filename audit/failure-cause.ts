import { ApiError, NetworkError, NotAskedError, ResponseError, SettingsError } from "../client/errors";
import type { Failure, FailureCause } from "./result";

/** The cause of a failure. @param otherwise the cause if the error does not name it. */
export function causeOf(error: unknown, otherwise?: FailureCause): Pick<Failure, "cause"> {
  const cause = findCause(error) ?? otherwise;
  return cause === undefined ? {} : { cause };
}

function findCause(error: unknown): FailureCause | undefined {
  if (error instanceof ApiError) return causeOfStatus(error.status);
  if (error instanceof NetworkError) return "network";
  if (error instanceof NotAskedError) return "not_asked";
  if (error instanceof ResponseError) return "response";
  if (error instanceof SettingsError) return "settings";
  return undefined;
}

function causeOfStatus(status: number): FailureCause {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 429:
      return "rate_limited";
    default:
      return status >= 500 ? "server_error" : "rejected";
  }
}
