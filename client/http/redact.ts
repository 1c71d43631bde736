import { printable } from "../../core/printable";

/**
 * Makes a function that prepares text from outside for messages: the API token is taken out (a server or proxy may echo
 * it), then everything that is unsafe to print.
 */
export function createRedactor(apiToken: string): (text: string) => string {
  return (text) => printable(text.replaceAll(apiToken, "[token]"));
}
