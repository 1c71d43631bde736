/**
 * Stops stack traces from being noted until the function is called that it gives. The SDK notes one for each of the sixteen
 * promises or so that it makes for a resource, and shows them with `PULUMI_DEBUG_PROMISE_LEAKS` alone; with ts-node, which
 * maps each line to its source, they are a third of what a declaration costs. Where the resource was declared, the SDK
 * finds out with a trace of its own, which this does not touch.
 *
 * @returns what turns them on again; it gives back an error that it is handed, with the trace of that call if it has none.
 */
export function pauseStackTraces(): (error?: unknown) => unknown {
  const { stackTraceLimit } = Error;
  if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) Error.stackTraceLimit = 0;
  return (error) => {
    Error.stackTraceLimit = stackTraceLimit;
    if (error instanceof Error && !/\n\s+at /.test(error.stack ?? "")) Error.captureStackTrace(error);
    return error;
  };
}
