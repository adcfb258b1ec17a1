/** A part of a drawing that was found good: its name, attributes in order, and what it holds. */
export interface DrawnPart {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly (DrawnPart | string)[];
  /** Names of the parts that it shows again, or paints with. */
  readonly refersTo: readonly string[];
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};
const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? "");

/** Text of the part, by pieces, so that a large drawing is not copied at each depth. */
function write(part: DrawnPart, pieces: string[]): void {
  pieces.push("<", part.name);
  for (const [name, value] of part.attributes) pieces.push(" ", name, '="', escaped(value), '"');
  if (part.children.length === 0) {
    pieces.push("/>");
    return;
  }
  pieces.push(">");
  for (const child of part.children) {
    if (typeof child === "string") pieces.push(escaped(child));
    else write(child, pieces);
  }
  pieces.push("</", part.name, ">");
}

export function writeDrawing(root: DrawnPart): Uint8Array {
  const pieces: string[] = [];
  write(root, pieces);
  return Buffer.from(pieces.join(""));
}

/**
 * How many parts a browser draws where each reference is followed, at most `limit` + 1; that for a part that shows itself
 * too. Ten groups of ten uses of each other are ten thousand million parts in a thousand bytes.
 */
export function countDrawn(root: DrawnPart, limit: number): number {
  const named = new Map<string, DrawnPart>();
  const collect = (part: DrawnPart) => {
    const id = part.attributes.get("id");
    if (id !== undefined && !named.has(id)) named.set(id, part);
    for (const child of part.children) if (typeof child !== "string") collect(child);
  };
  collect(root);
  const counted = new Map<DrawnPart, number>();
  const open = new Set<DrawnPart>();
  const count = (part: DrawnPart): number => {
    const known = counted.get(part);
    if (known !== undefined) return known;
    if (open.has(part)) return limit + 1;
    open.add(part);
    let sum = 1;
    for (const child of part.children) if (typeof child !== "string") sum += count(child);
    for (const name of part.refersTo) {
      const target = named.get(name);
      if (target !== undefined) sum += count(target);
    }
    open.delete(part);
    const capped = Math.min(sum, limit + 1);
    counted.set(part, capped);
    return capped;
  };
  return count(root);
}
