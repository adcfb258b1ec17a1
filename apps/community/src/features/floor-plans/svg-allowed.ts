// What a drawing may consist of. Whatever is not named here is taken out.

/** Elements that stay. None of them runs, animates, embeds or asks anybody for anything. */
export const SVG_ELEMENTS: ReadonlySet<string> = new Set([
  "svg",
  "g",
  "defs",
  "symbol",
  "use",
  "title",
  "desc",
  "path",
  "rect",
  "circle",
  "ellipse",
  "line",
  "polyline",
  "polygon",
  "text",
  "tspan",
  "linearGradient",
  "radialGradient",
  "stop",
  "clipPath",
  "pattern",
]);

/** Elements whose text is kept. */
export const SVG_TEXT_ELEMENTS: ReadonlySet<string> = new Set(["title", "desc", "text", "tspan"]);

/** Elements that show something. */
export const SVG_SHAPES: ReadonlySet<string> = new Set([
  "path",
  "rect",
  "circle",
  "ellipse",
  "line",
  "polyline",
  "polygon",
  "text",
  "use",
]);

type ValueForm = (text: string) => boolean;

const matching =
  (form: RegExp): ValueForm =>
  (text) =>
    form.test(text);
/** Numbers with units or percents, in a list: letters, but nothing that calls or refers. */
const numbers = matching(/^[\d\s.,+\-%a-zA-Z]*$/);
const pathData = matching(/^[\d\s.,+\-MmZzLlHhVvCcSsQqTtAaEe]*$/);
const words = matching(/^[a-zA-Z][a-zA-Z\s-]*$/);
const fontNames = matching(/^[\p{L}\d\s,'"_-]*$/u);
const colour = matching(/^(?:#[\da-fA-F]{3,8}|[a-zA-Z]+|(?:rgb|hsl)a?\([\d\s.,%/a-z+-]*\))$/);
const identifier = matching(/^[\p{L}_][\p{L}\p{N}_.:-]{0,199}$/u);
const transforms: ValueForm = (text) =>
  /^[\s,]*$/.test(text.replace(/(?:matrix|translate|scale|rotate|skewX|skewY)\s?\([\d\s.,+\-eE]*\)/g, ""));

/** A reference within the drawing, as attributes write it: `url(#name)`; what follows it is left out. */
export function localUrl(text: string): string | undefined {
  const name = /^url\(\s?['"]?#([^'"()\s]+)['"]?\s?\)/.exec(text.trim())?.[1];
  return name !== undefined && identifier(name) ? name : undefined;
}

/** Whether a value speaks of something outside of the drawing. */
export const isOutward = (text: string): boolean => /:\/\/|data:|url\(\s?['"]?[^#\s'"]/i.test(text);

/** A reference within the drawing, as `href` writes it. */
export function localHref(text: string): string | undefined {
  const trimmed = text.trim();
  const name = trimmed.startsWith("#") ? trimmed.slice(1) : "";
  return identifier(name) ? name : undefined;
}

/** Attributes that say how something looks; styles may say the same. */
const LOOKS: Readonly<Record<string, ValueForm>> = {
  fill: colour,
  stroke: colour,
  color: colour,
  "stop-color": colour,
  "fill-opacity": numbers,
  "stroke-opacity": numbers,
  "stop-opacity": numbers,
  opacity: numbers,
  "stroke-width": numbers,
  "stroke-miterlimit": numbers,
  "stroke-dasharray": numbers,
  "stroke-dashoffset": numbers,
  "font-size": numbers,
  "letter-spacing": numbers,
  "font-weight": numbers,
  "font-family": fontNames,
  "font-style": words,
  "fill-rule": words,
  "clip-rule": words,
  "stroke-linecap": words,
  "stroke-linejoin": words,
  "text-anchor": words,
  "dominant-baseline": words,
  "paint-order": words,
  "vector-effect": words,
  display: words,
  visibility: words,
  "clip-path": matching(/^none$/),
};

/** Looks that may refer to a part of the same drawing. */
export const REFERRING_LOOKS: ReadonlySet<string> = new Set(["fill", "stroke", "clip-path"]);

const PLACES: Readonly<Record<string, ValueForm>> = {
  id: identifier,
  d: pathData,
  points: numbers,
  viewBox: numbers,
  transform: transforms,
  gradientTransform: transforms,
  patternTransform: transforms,
  preserveAspectRatio: words,
  gradientUnits: words,
  spreadMethod: words,
  clipPathUnits: words,
  patternUnits: words,
  patternContentUnits: words,
  lengthAdjust: words,
  ...Object.fromEntries(
    "x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy width height offset textLength rotate"
      .split(" ")
      .map((name) => [name, numbers]),
  ),
};

const FORMS = new Map<string, ValueForm>([...Object.entries(PLACES), ...Object.entries(LOOKS)]);

/** Whether styles may set this. */
export const isLook = (name: string): boolean => Object.hasOwn(LOOKS, name);

/** Whether an attribute stays as it is written; references are judged apart. */
export function isAllowedValue(name: string, value: string): boolean {
  return FORMS.get(name)?.(value) ?? false;
}
