/**
 * Why a text cannot be one segment of a URL's path, encoded: it would change the path, or has no encoding. `undefined` where it
 * can. What is found is safe to print.
 */
export function findSegmentFault(text: string): string | undefined {
  if (text === "") return "it is empty";
  if (text === "." || text === "..") return `it is "${text}"`;
  if (!text.isWellFormed()) return "it holds half of a character (a lone surrogate)";
  return undefined;
}
