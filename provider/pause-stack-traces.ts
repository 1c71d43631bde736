/**
 * Stops recording stack traces until the returned function is called. The SDK records one for each of the sixteen or so
 * promises that it creates per resource, and shows them only with `PULUMI_DEBUG_PROMISE_LEAKS`. With ts-node, which maps
 * each line to its source, they are a third of the cost of a declaration. The SDK finds the place of the declaration with a
 * separate trace, which this does not affect.
 *
 * @returns a function that resumes recording. It returns the error that it is passed, with a trace if that had none.
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
