import { isLook } from "./svg-allowed.ts";

/** What a style says, by property. */
export type Declarations = ReadonlyMap<string, string>;

/**
 * Declarations of a `style` attribute or of one rule; those that are no looks of ours are left out and counted by
 * `onRemoved`.
 */
export function parseDeclarations(text: string, onRemoved: () => void): Declarations {
  const declarations = new Map<string, string>();
  for (const declaration of text.split(";")) {
    if (declaration.trim() === "") continue;
    const colon = declaration.indexOf(":");
    const name = declaration.slice(0, Math.max(0, colon)).trim();
    const value = declaration
      .slice(colon + 1)
      .replace(/!\s?important/, "")
      .trim();
    if (isLook(name) && value !== "") declarations.set(name, value);
    // Drawing programs note their own matters here (`-inkscape-…`), and what the browser does anyway.
    else if (/url|@|expression/i.test(value) || colon < 1) onRemoved();
  }
  return declarations;
}

/**
 * The rules of a style sheet that are for classes, as drawing programs write them: `.wall, .door { stroke: #000 }`. All
 * others are left out and counted.
 */
export function parseClassRules(sheet: string, onRemoved: () => void): ReadonlyMap<string, Declarations> {
  const rules = new Map<string, Declarations>();
  const plain = withoutComments(sheet).replace(/<!--|-->/g, "");
  const atRules = /@[^;{}]*;/g;
  for (const _ of plain.matchAll(atRules)) onRemoved();
  for (const rule of plain.replace(atRules, "").split("}")) {
    const brace = rule.indexOf("{");
    if (brace < 0) {
      if (rule.trim() !== "") onRemoved();
      continue;
    }
    const selectors = rule.slice(0, brace);
    const declarations = parseDeclarations(rule.slice(brace + 1), onRemoved);
    for (const selector of selectors.split(",")) {
      const name = /^\s*\.([\p{L}_][\p{L}\p{N}_-]*)\s*$/u.exec(selector)?.[1];
      if (name === undefined) onRemoved();
      else rules.set(name, new Map([...(rules.get(name) ?? []), ...declarations]));
    }
  }
  return rules;
}

function withoutComments(sheet: string): string {
  const pieces: string[] = [];
  let offset = 0;
  for (;;) {
    const begin = sheet.indexOf("/*", offset);
    if (begin < 0) return [...pieces, sheet.slice(offset)].join(" ");
    pieces.push(sheet.slice(offset, begin));
    const end = sheet.indexOf("*/", begin + 2);
    if (end < 0) return pieces.join(" ");
    offset = end + 2;
  }
}
