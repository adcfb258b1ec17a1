import { FLOOR_PLAN_FAULTS } from "@menshen/wire";
import { parseXml, XmlElement } from "@rgrove/parse-xml";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanImage } from "./clean-image.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);

const NAMES = [
  "svg",
  "g",
  "path",
  "text",
  "use",
  "a",
  "style",
  "script",
  "foreignObject",
  "image",
  "animate",
  "switch",
  "pattern",
  "x:script",
];
const ATTRIBUTES = [
  "id",
  "href",
  "xlink:href",
  "onload",
  "style",
  "class",
  "fill",
  "clip-path",
  "d",
  "transform",
  "filter",
  "src",
];
const VALUES = [
  "a",
  "#a",
  "url(#a)",
  "url(//example.org)",
  "javascript:alert(1)",
  "data:text/html,x",
  "fill:url('//example.org');stroke:red",
  "M0 0L1 1z",
  "rotate(1)",
  '"><script>',
];
const SHEETS = [".a{fill:red}", "@import url(//example.org);", "</style>", ".a{fill:url(//example.org)}"];

interface Tree {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Tree[];
}
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    name: fc.constantFrom(...NAMES),
    attributes: fc.dictionary(
      fc.constantFrom(...ATTRIBUTES),
      fc.oneof(fc.constantFrom(...VALUES), fc.string({ maxLength: 12 })),
      { maxKeys: 4 },
    ),
    text: fc.oneof(fc.constantFrom("", ...SHEETS), fc.string({ maxLength: 8 })),
    children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie("tree"), { maxLength: 3 })),
  }),
}));

const escaped = (text: string) =>
  text.replace(/[&<>"\p{Cc}\p{Cs}]/gu, (character) =>
    character === "<" ? "&lt;" : character === '"' ? "&quot;" : character === ">" ? "&gt;" : "&amp;",
  );
const write = ({ attributes, children, name, text }: Tree): string => {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  return `<${name}${written.join("")}>${escaped(text)}${children.map(write).join("")}</${name}>`;
};

const SAFE_NAME = /^(?:svg|g|path|text|use|pattern)$/;
const SAFE_ATTRIBUTE = /^(?:xmlns|viewBox|width|height|id|href|fill|stroke|clip-path|d|transform)$/;

function expectHarmless(element: XmlElement): void {
  expect(element.name).toMatch(SAFE_NAME);
  for (const [name, value] of Object.entries(element.attributes)) {
    expect(name).toMatch(SAFE_ATTRIBUTE);
    if (name === "href") expect(value).toMatch(/^#/);
    else if (name !== "xmlns" && name !== "id") expect(value).not.toMatch(/url\((?!#)|:/);
  }
  for (const child of element.children) if (child instanceof XmlElement) expectHarmless(child);
}

test("of any tree of good and bad parts, only good ones are left", () => {
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 4 }), (trees) => {
      const text = `<svg viewBox="0 0 9 9"><path d="M0 0"/>${trees.map(write).join("")}</svg>`;
      const outcome = cleanImage(Buffer.from(text));
      if (!outcome.ok) {
        expect(outcome.fault).toBe("too-complex");
        return;
      }
      const root = parseXml(Buffer.from(outcome.image.bytes).toString()).root;
      if (root === null) throw new Error("nothing was written");
      expectHarmless(root);
      const again = cleanImage(outcome.image.bytes);
      expect(again).toEqual({ ok: true, image: { ...outcome.image, removed: [] } });
    }),
    { numRuns },
  );
});

const STARTS = ["89504e470d0a1a0a0000000d49484452", "ffd8ffe1", "ffd8ffc0000b08", "3c737667", "fffe3c00", ""];

test("any bytes are an image that stays as it is, or have a fault", () => {
  fc.assert(
    fc.property(fc.constantFrom(...STARTS), fc.uint8Array({ maxLength: 200 }), (start, rest) => {
      const outcome = cleanImage(Buffer.concat([Buffer.from(start, "hex"), rest]));
      if (!outcome.ok) {
        expect(FLOOR_PLAN_FAULTS).toContain(outcome.fault);
        return;
      }
      expect(cleanImage(outcome.image.bytes)).toMatchObject({
        ok: true,
        image: { type: outcome.image.type },
      });
    }),
    { numRuns },
  );
});

const JPEG = Buffer.from(
  "ffd8ffe000104a46494600010100000100010000ffc0000b080002000301011100ffda0008010100003f0012ff0034ffd056ffd9",
  "hex",
);

test("a picture with any byte changed or cut anywhere is an image or has a fault", () => {
  fc.assert(
    fc.property(fc.nat(JPEG.length - 1), fc.nat(255), fc.nat(JPEG.length), (at, value, length) => {
      const bytes = Buffer.from(JPEG.subarray(0, length));
      if (at < bytes.length) bytes[at] = value;
      const outcome = cleanImage(bytes);
      if (!outcome.ok) expect(FLOOR_PLAN_FAULTS).toContain(outcome.fault);
    }),
    { numRuns },
  );
});
