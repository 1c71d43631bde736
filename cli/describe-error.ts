/** What an error says, on one line; of a file that cannot be read, its name and the reason. */
export function describeError(error: unknown): string {
  const { code, path: file, message } = error as NodeJS.ErrnoException;
  if (code !== undefined && file !== undefined) return `${file}: it cannot be read (${code}).`;
  return message.replace(/\s*\n\s*/g, " ");
}
