import type { Html } from "../view/html";

/** An element that the page has. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`no element ${id}`);
  return element as T;
}

/** Puts markup in the place of an element's content. It takes none that is not escaped. */
export function fill(element: Element, content: Html): void {
  element.innerHTML = content.text;
}
