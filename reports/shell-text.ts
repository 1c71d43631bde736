import { printable } from "../core/printable";

/** Text as one word of a POSIX shell, quoted so that nothing in it is special. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A value as JSON and as one word of a shell. What has no visible shape is escaped, as JSON allows. */
export function shellJson(value: unknown): string {
  return shellWord(printable(JSON.stringify(value), Infinity));
}

/**
 * The shell's function `md`, which calls the API as `curl` does. It hands the API token over by standard input: others can
 * see a command's arguments.
 */
export const SHELL_CALL = `md() {
  printf 'header = "Authorization: Bearer %s"\\n' "$MOTHERDUCK_ADMIN_TOKEN" |
    curl --config - --silent --show-error --fail --path-as-is --max-time 60 "$@"
}`;
