import type { RemovedPartKind } from "@menshen/wire";
import { parseXml, XmlCdata, XmlDocumentType, XmlElement, XmlError, XmlText } from "@rgrove/parse-xml";
import { countRemovals, faulty, type ImageOutcome, type Removals } from "./image-outcome.ts";
import {
  isAllowedValue,
  isOutward,
  localHref,
  localUrl,
  REFERRING_LOOKS,
  SVG_ELEMENTS,
  SVG_SHAPES,
  SVG_TEXT_ELEMENTS,
} from "./svg-allowed.ts";
import { countDrawn, type DrawnPart, writeDrawing } from "./svg-parts.ts";
import { readSize } from "./svg-size.ts";
import { type Declarations, parseClassRules, parseDeclarations } from "./svg-styles.ts";

/** Deeper nesting is not drawn by hand or program. */
const MAX_DEPTH = 200;
/** With what references show again. */
const MAX_DRAWN = 400_000;

type ClassRules = ReadonlyMap<string, Declarations>;

interface Cleaning {
  readonly removals: Removals;
  readonly rules: ClassRules;
  isTooDeep: boolean;
  shapes: number;
}

/**
 * A drawing with nothing in it but shapes, words and their looks: it is read as strict XML and written anew from what an
 * allow-list names, so that nothing of the uploaded text is ever passed on.
 *
 * @param text the whole document
 */
export function cleanSvg(text: string): ImageOutcome {
  const document = parse(text);
  if (document === "too-deep") return faulty("too-complex");
  const root = document?.root ?? undefined;
  if (document === undefined || root === undefined) return faulty("damaged");
  if (root.name !== "svg") return faulty("not-a-drawing");
  const removals = countRemovals();
  if (document.children.some((node) => node instanceof XmlDocumentType)) removals.note("doctype");
  const size = readSize(root.attributes);
  if (size === undefined) return faulty("no-size");
  if (size.width > size.height * 20 || size.height > size.width * 20) return faulty("odd-shape");

  const rules = parseClassRules(styleSheetOf(root, 0), () => removals.note("style"));
  const cleaning: Cleaning = { removals, rules, isTooDeep: false, shapes: 0 };
  const cleaned = cleanElement(root, cleaning, 0);
  if (cleaning.isTooDeep) return faulty("too-complex");
  if (cleaned === undefined || cleaning.shapes === 0) return faulty("nothing-left");
  const ofRoot = new Map([
    ["xmlns", "http://www.w3.org/2000/svg"],
    ["viewBox", size.viewBox.join(" ")],
    ["width", String(size.width)],
    ["height", String(size.height)],
  ]);
  const others = [...cleaned.attributes].filter(([name]) => !ofRoot.has(name));
  const attributes = new Map([...ofRoot, ...others]);
  const drawing = { ...cleaned, attributes };
  if (countDrawn(drawing, MAX_DRAWN) > MAX_DRAWN) return faulty("too-complex");
  const { height, width } = size;
  return {
    ok: true,
    image: {
      type: "image/svg+xml",
      width,
      height,
      bytes: writeDrawing(drawing),
      removed: removals.list(),
    },
  };
}

function parse(text: string) {
  try {
    return parseXml(text, { preserveDocumentType: true });
  } catch (error) {
    if (error instanceof XmlError) return undefined;
    // The parser descends by calls.
    if (error instanceof RangeError) return "too-deep";
    throw error;
  }
}

/** What all style sheets of the drawing say; they hold for the whole of it, wherever they stand. */
function styleSheetOf(element: XmlElement, depth: number): string {
  if (element.name === "style") return `${textIn(element)}\n`;
  if (depth > MAX_DEPTH) return "";
  return element.children
    .map((child) => (child instanceof XmlElement ? styleSheetOf(child, depth + 1) : ""))
    .join("");
}

const textIn = (element: XmlElement) =>
  element.children
    .map((child) => (child instanceof XmlText || child instanceof XmlCdata ? child.text : ""))
    .join("");

const GONE: Readonly<Record<string, RemovedPartKind>> = {
  script: "script",
  handler: "script",
  listener: "script",
  foreignobject: "foreign-content",
  iframe: "foreign-content",
  object: "foreign-content",
  embed: "foreign-content",
  image: "embedded-image",
  img: "embedded-image",
  feimage: "embedded-image",
  video: "embedded-image",
  audio: "embedded-image",
  animate: "animation",
  animatemotion: "animation",
  animatetransform: "animation",
  animatecolor: "animation",
  set: "animation",
  link: "external-reference",
  metadata: "metadata",
};

function whatIs(elementName: string): RemovedPartKind {
  const local = elementName.slice(elementName.indexOf(":") + 1).toLowerCase();
  return GONE[local] ?? (elementName.includes(":") ? "metadata" : "other");
}

/** Elements of which only the content stays: links, and choices between languages. */
const UNWRAPPED: ReadonlySet<string> = new Set(["a", "switch"]);

function cleanElement(element: XmlElement, cleaning: Cleaning, depth: number): DrawnPart | undefined {
  const { removals } = cleaning;
  if (depth > MAX_DEPTH) {
    cleaning.isTooDeep = true;
    return undefined;
  }
  // Its rules have been taken over.
  if (element.name === "style") return undefined;
  const isUnwrapped = UNWRAPPED.has(element.name);
  if (!isUnwrapped && !SVG_ELEMENTS.has(element.name)) {
    removals.note(whatIs(element.name));
    return undefined;
  }
  if (element.name === "a") removals.note("link");
  const name = isUnwrapped ? "g" : element.name;
  const { attributes, refersTo } = cleanAttributes(element, cleaning);
  if (name === "use" && refersTo.length === 0) return undefined;
  if (SVG_SHAPES.has(name)) cleaning.shapes += 1;
  const children: (DrawnPart | string)[] = [];
  for (const child of element.children) {
    if (child instanceof XmlElement) {
      const cleaned = cleanElement(child, cleaning, depth + 1);
      if (cleaned !== undefined) children.push(cleaned);
    } else if (SVG_TEXT_ELEMENTS.has(name) && (child instanceof XmlText || child instanceof XmlCdata)) {
      children.push(child.text);
    }
  }
  return { name, attributes, children, refersTo };
}

/** Attributes that the cleaned element says otherwise or not at all, and that nobody misses. */
const SILENT =
  /^(?:class|style|version|baseProfile|xmlns(?::.*)?|xml:space|xml:lang|enable-background|role|tabindex|aria-.*)$/;

function cleanAttributes(
  element: XmlElement,
  { removals, rules }: Cleaning,
): Pick<DrawnPart, "attributes" | "refersTo"> {
  const attributes = new Map<string, string>();
  const refersTo: string[] = [];
  const isLink = element.name === "a";
  const take = (name: string, value: string, what: RemovedPartKind) => {
    const trimmed = value.trim();
    const target = REFERRING_LOOKS.has(name) ? localUrl(trimmed) : undefined;
    if (target !== undefined) attributes.set(name, `url(#${target})`);
    else if (isAllowedValue(name, trimmed)) attributes.set(name, trimmed);
    else {
      removals.note(isOutward(value) ? "external-reference" : what);
      // Without a word about it, a shape would be filled with black.
      if (name === "fill" || name === "stroke") attributes.set(name, "none");
    }
  };
  for (const [name, value] of Object.entries(element.attributes)) {
    if (name === "href" || name === "xlink:href") {
      const target = isLink ? undefined : localHref(value);
      if (target !== undefined) attributes.set("href", `#${target}`);
      else if (!isLink) removals.note("external-reference");
    } else if (/^on/i.test(name)) removals.note("event-handler");
    else if (SILENT.test(name)) continue;
    else if (name.includes(":") || name.startsWith("data-")) removals.note("metadata");
    else take(name, value, "other");
  }
  // A class says more than an attribute, and a style of its own more than a class.
  const classes = (element.attributes.class ?? "")
    .split(/\s+/)
    .flatMap((name) => [...(rules.get(name) ?? [])]);
  const own = parseDeclarations(element.attributes.style ?? "", () => removals.note("style"));
  for (const [name, value] of [...classes, ...own]) take(name, value, "style");
  for (const [name, value] of attributes) {
    if (name === "href") refersTo.push(value.slice(1));
    else if (REFERRING_LOOKS.has(name)) refersTo.push(localUrl(value) ?? "");
  }
  return { attributes, refersTo: refersTo.filter((name) => name !== "") };
}
