import type { Html } from "../view/html";

/** An element of the page. @throws Error if it is missing. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`no element ${id}`);
  return element as T;
}

/** Replaces an element's content with escaped markup. */
export function fill(element: Element, content: Html): void {
  element.innerHTML = content.text;
}
