import { unreadableList } from "./card-list-error.ts";

/** A tag or a text of an XML document. Names are without their prefix; an empty element opens and closes. */
export type XmlEvent =
  | { readonly kind: "open"; readonly name: string; readonly attributes: ReadonlyMap<string, string> }
  | { readonly kind: "close"; readonly name: string }
  | { readonly kind: "text"; readonly text: string };

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const MAX_DEPTH = 32;

/**
 * Reads XML as spreadsheets write it: elements, attributes, texts, the five entities and numbered signs. Document types
 * are refused, and with them every entity of their own.
 *
 * @throws {CredentialError} `malformed`
 */
export function* readXml(text: string): Generator<XmlEvent> {
  const open: string[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    const tag = text.indexOf("<", at);
    const end = tag < 0 ? text.length : tag;
    if (end > at && open.length > 0) yield { kind: "text", text: decoded(text.slice(at, end)) };
    if (tag < 0) break;
    if (text.startsWith("<?", tag) || text.startsWith("<!--", tag)) {
      const [closing] = text.startsWith("<?", tag) ? ["?>"] : ["-->"];
      at = after(text, closing ?? "", tag);
      continue;
    }
    if (text.startsWith("<!", tag)) throw unreadableList("expected XML without a document type");
    at = after(text, ">", tag);
    const inner = text.slice(tag + 1, at - 1);
    if (inner.startsWith("/")) {
      const name = localName(inner.slice(1).trim());
      if (open.pop() !== name) throw unreadableList("expected XML whose elements close in order");
      yield { kind: "close", name };
      continue;
    }
    const isEmpty = inner.endsWith("/");
    const { name, attributes } = parseTag(isEmpty ? inner.slice(0, -1) : inner);
    yield { kind: "open", name, attributes };
    if (isEmpty) yield { kind: "close", name };
    else if (open.push(name) > MAX_DEPTH) throw unreadableList(`expected XML of at most ${MAX_DEPTH} levels`);
  }
  if (open.length > 0) throw unreadableList("expected XML whose elements close");
}

function parseTag(inner: string) {
  const [, name = ""] = /^([^\s/>="'<]+)/.exec(inner) ?? [];
  const rest = inner.slice(name.length);
  const attributes = new Map<string, string>();
  const pattern = /\s+([^\s=/>"'<]+)\s*=\s*("[^"<]*"|'[^'<]*')/y;
  let used = 0;
  for (let match = pattern.exec(rest); match !== null; match = pattern.exec(rest)) {
    const [, attribute = "", quoted = ""] = match;
    if (attributes.has(attribute)) throw unreadableList("expected each attribute once");
    attributes.set(attribute, decoded(quoted.slice(1, -1)));
    used = pattern.lastIndex;
  }
  if (name === "" || rest.slice(used).trim() !== "") throw unreadableList("expected XML elements");
  return { name: localName(name), attributes };
}

function decoded(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&([^;]{0,12};?)/g, (_whole, body: string) => {
    const name = body.endsWith(";") ? body.slice(0, -1) : "";
    const known = ENTITIES[name];
    if (known !== undefined) return known;
    const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name) ?? [];
    const sign = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    if (Number.isInteger(sign) && sign > 0 && sign <= 0x10ffff) return String.fromCodePoint(sign);
    throw unreadableList("expected XML without entities of its own");
  });
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function after(text: string, closing: string, from: number): number {
  const found = text.indexOf(closing, from);
  if (found < 0) throw unreadableList("expected XML whose tags end");
  return found + closing.length;
}
