// What means something to Markdown within a line, to a table, or to HTML. An underscore within a word, as in read_write,
// means nothing.
const SYNTAX = /[&<>`*~[\]|\\@$]|(?<![a-z\d])_|_(?![a-z\d])|#(?=\w)|:(?=\/\/)|(?<!\d):(?=[\w+-]+:)/gi;
// No width, and enough to keep a code host from making a mention, a reference or a link of what stands around it.
const GAP = "&#8203;";

// Within backticks these mean nothing at all.
const SIMPLE = /^[\w"](?:[\w ".,/():=-]*[\w")])?$/;

/** Text of unknown origin, exactly: as code, in which nothing is a mention, a link or markup. */
export function code(text: string): string {
  return SIMPLE.test(text) ? `\`${text}\`` : htmlCode(text);
}

/** The same where Markdown means nothing: between HTML tags that stand alone. */
export function htmlCode(text: string): string {
  return `<code>${escape(text)}</code>`;
}

/** A sentence in which names stand in double quotes, as messages have them: the names become code. */
export function sentence(text: string): string {
  return text
    .split(/("(?:[^"\\]|\\.)*")/)
    .map((part, index) => (index % 2 === 1 ? code(part) : plain(part)))
    .join("");
}

/** Text that is shown as it is. */
export function plain(text: string): string {
  return escape(text)
    .replaceAll("&#64;", `&#64;${GAP}`)
    .replace(/&#35;(?=\w)/g, `&#35;${GAP}`)
    .replaceAll("&#58;//", `&#58;${GAP}//`)
    .replace(/\b(www)(?=\.)/gi, `$1${GAP}`);
}

function escape(text: string): string {
  return text.replace(/[\r\n\t]+/g, " ").replace(SYNTAX, (character) => `&#${character.charCodeAt(0)};`);
}
