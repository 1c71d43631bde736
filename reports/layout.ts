import stringWidth from "string-width";

/** Pads text with spaces, by the columns that it takes on a screen. */
export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - stringWidth(text)));
}

/** The columns of the widest text. */
export function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => stringWidth(text)));
}

// Below this, words would stand one above the other.
const MIN_COLUMNS = 20;

/**
 * Breaks text between its words so that no line has more columns than `width` with its indentation; a longer word has a
 * line to itself. Without a width it stays one line. Not `wrap-ansi`: it normalizes Unicode, which changes names.
 */
export function wrap(text: string, indentation: number, width: number | undefined): string {
  const indent = " ".repeat(indentation);
  if (width === undefined) return indent + text;
  const columns = Math.max(MIN_COLUMNS, width - indentation);
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const word of text.split(" ")) {
    const length = stringWidth(word);
    if (line !== "" && used + 1 + length > columns) {
      lines.push(line);
      line = word;
      used = length;
    } else {
      line = line === "" ? word : `${line} ${word}`;
      used += (used > 0 ? 1 : 0) + length;
    }
  }
  return [...lines, line].map((text) => indent + text).join("\n");
}
