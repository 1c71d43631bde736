import XmlBuilder from "fast-xml-builder";

/** An element: attributes by `@name`, text by `#text`, and elements in their order. */
export interface XmlElement {
  readonly [key: string]: string | XmlElement | readonly XmlElement[];
}

const builder = new XmlBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  // An attribute "true" is not a flag.
  suppressBooleanAttributes: false,
  suppressEmptyNode: true,
  format: true,
  indentBy: "  ",
});

/** Writes elements as indented XML. */
export function toXml(root: XmlElement): string {
  return builder.build(clean(root));
}

// What XML 1.0 cannot hold at all, not even by number: https://www.w3.org/TR/xml/#charsets
const ILLEGAL =
  // eslint-disable-next-line no-control-regex -- these are the characters to find
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The text with a mark in place of what XML cannot hold. */
export function toXmlText(text: string): string {
  return text.replace(ILLEGAL, "\ufffd");
}

function clean<T extends XmlElement[string]>(value: T): T {
  if (typeof value === "string") return toXmlText(value) as T;
  if (Array.isArray(value)) return value.map((element: XmlElement) => clean(element)) as never;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, clean(child)])) as T;
}
