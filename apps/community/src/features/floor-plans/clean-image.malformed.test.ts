import { crc32, deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { cleanImage } from "./clean-image.ts";
import type { ImageOutcome } from "./image-outcome.ts";

const SVG = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 20"';
const drawn = (inner: string) => `<svg ${SVG}>${inner}</svg>`;
const cleaned = (text: string) => cleanImage(Buffer.from(text));

function textOf(outcome: ImageOutcome): string {
  if (!outcome.ok) throw new Error(`not taken: ${outcome.fault}`);
  return Buffer.from(outcome.image.bytes).toString();
}
const inner = (text: string) => textOf(cleaned(drawn(text))).replace(/^<svg[^>]*>|<\/svg>$/g, "");
const removedBy = (text: string) => {
  const outcome = cleaned(drawn(`<path d="M0 0"/>${text}`));
  return outcome.ok ? outcome.image.removed : outcome.fault;
};

describe("a drawing with what no drawing needs", () => {
  test.each([
    ["a script", "<script>alert(1)</script>", "script", 1],
    ["a script under another name space", '<h:SCRIPT xmlns:h="urn:x">1</h:SCRIPT>', "script", 1],
    ["event handlers", '<g onload="a()" onClick="b()"/>', "event-handler", 2],
    ["HTML within", "<foreignObject><body onload='a()'/></foreignObject>", "foreign-content", 1],
    ["a picture in the text", '<image href="data:image/png;base64,AA=="/>', "embedded-image", 1],
    ["a picture from elsewhere", '<image href="https://example.org/a.png"/>', "embedded-image", 1],
    ["a part from elsewhere", '<use href="https://example.org/a.svg#b"/>', "external-reference", 1],
    ["a style from elsewhere", "<style>@import url(https://example.org/a.css);</style>", "style", 1],
    ["a fill from elsewhere", '<rect fill="url(https://example.org/a#b)"/>', "external-reference", 1],
    ["a fill in a style", '<rect style="fill:url(//example.org/a)"/>', "external-reference", 1],
    ["another property with an address", '<rect style="background:url(//example.org)"/>', "style", 1],
    ["a font from elsewhere", "<style>@font-face { src: url(//example.org/f) }</style>", "style", 2],
    ["a link", '<a href="javascript:alert(1)"><rect/></a>', "link", 1],
    ["an animation that sets a link", '<set attributeName="href" to="javascript:a()"/>', "animation", 1],
    ["what a program noted", '<sodipodi:namedview xmlns:sodipodi="urn:x"/>', "metadata", 1],
    ["an unknown element", "<filter/>", "other", 1],
    ["an unknown attribute", '<rect nonce="a"/>', "other", 1],
    ["a sheet told beside it", '<link rel="stylesheet" href="//example.org"/>', "external-reference", 1],
  ])("%s is taken out and counted", (_, text, what, count) => {
    expect(removedBy(text)).toEqual([{ what, count }]);
    expect(inner(`<path d="M0 0"/>${text}`)).not.toMatch(
      /script|example\.org|alert|data:|on(?:load|click)|foreign|@import|url\(/i,
    );
  });

  test("the document type is taken out; what it defines is not filled in", () => {
    const outcome = cleaned(`<?xml version="1.0"?><!DOCTYPE svg>${drawn('<path d="M0 0"/>')}`);
    expect(textOf(outcome)).not.toContain("DOCTYPE");
    expect(outcome).toMatchObject({ image: { removed: [{ what: "doctype", count: 1 }] } });
    const bomb = `<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${drawn("<text>&b;</text>")}`;
    expect(cleaned(bomb)).toEqual({ ok: false, fault: "damaged" });
    const file = `<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>${drawn("<text>&a;</text>")}`;
    expect(cleaned(file)).toEqual({ ok: false, fault: "damaged" });
  });

  test("nothing that was escaped comes out as a tag", () => {
    expect(inner("<text>&lt;script&gt; &amp;lt; <![CDATA[<b>]]></text>")).toBe(
      "<text>&lt;script&gt; &amp;lt; &lt;b&gt;</text>",
    );
    expect(inner('<text font-family="&quot;&gt;&lt;x onload=1">1</text>')).toBe("<text>1</text>");
  });

  test("what is drawn stays: shapes, words, classes of a style sheet, parts shown again", () => {
    expect(
      inner(
        "<style>/* walls */ .w, .v { stroke : #123; fill: none !important } #x { fill: red }</style>" +
          '<defs><g id="tree"><circle r="2"/></g></defs><path class="w" stroke="red" d="M0,0 l1-2z"/>' +
          '<use xlink:href="#tree" transform="translate(1, 2) rotate(-4.5)"/>' +
          '<text x="1" style="font-size:4px;font-family:\'宋体\', serif">一层</text>' +
          '<rect clip-path="url(#tree)" style="fill:url(#tree)"/>',
      ),
    ).toBe(
      '<defs><g id="tree"><circle r="2"/></g></defs><path stroke="#123" d="M0,0 l1-2z" fill="none"/>' +
        '<use href="#tree" transform="translate(1, 2) rotate(-4.5)"/>' +
        '<text x="1" font-size="4px" font-family="\'宋体\', serif">一层</text>' +
        '<rect clip-path="url(#tree)" fill="url(#tree)"/>',
    );
  });
});

describe("a drawing that is none", () => {
  const uses = (at: number) => `<use href="#g${at - 1}"/>`.repeat(10);
  const bomb = Array.from({ length: 10 }, (_, at) =>
    at === 0 ? '<g id="g0"><path d="M0 0"/></g>' : `<g id="g${at}">${uses(at)}</g>`,
  ).join("");
  test.each([
    ["cut off", `<svg ${SVG}><path d="M0 0"`, "damaged"],
    ["two roots", `${drawn("<rect/>")}${drawn("<rect/>")}`, "damaged"],
    ["the same attribute twice", drawn('<rect x="1" x="2"/>'), "damaged"],
    ["HTML", "<html><svg/></html>", "not-a-drawing"],
    ["no size", "<svg><rect/></svg>", "no-size"],
    ["a size in percents", '<svg width="100%" height="100%"><rect/></svg>', "no-size"],
    ["a size of nothing", '<svg viewBox="0 0 0 10"><rect/></svg>', "no-size"],
    ["a size beyond counting", '<svg viewBox="0 0 1e999 10"><rect/></svg>', "no-size"],
    ["a ribbon", '<svg viewBox="0 0 1000 10"><rect/></svg>', "odd-shape"],
    ["nothing drawn", drawn("<g/><script>1</script>"), "nothing-left"],
    ["parts of parts of parts", drawn(bomb), "too-complex"],
    ["a part that shows itself", drawn('<g id="a"><use href="#a"/></g>'), "too-complex"],
    ["paint made of its own paint", drawn('<pattern id="a"><rect fill="url(#a)"/></pattern>'), "too-complex"],
    ["nesting without end", drawn("<g>".repeat(300) + "</g>".repeat(300)), "too-complex"],
    ["nesting beyond the parser", "<svg>".repeat(60_000), "too-complex"],
    ["an encoding of which nobody heard", `<?xml version="1.0" encoding="x-y"?>${drawn("")}`, "damaged"],
    ["no text at all", "\u0000\u0001", "unknown-type"],
    ["text", "a plan", "unknown-type"],
    ["nothing", "", "unknown-type"],
    ["another image", "GIF89a\u0001\u0000\u0001\u0000", "unknown-type"],
  ])("%s is refused", (_, text, fault) => {
    expect(cleaned(text)).toEqual({ ok: false, fault });
  });

  test("encodings that drawing programs write are read", () => {
    const shown = (bytes: Uint8Array) => textOf(cleanImage(bytes));
    const text = drawn("<text>A</text>");
    expect(shown(Buffer.from(`\ufeff${text}`, "utf16le"))).toContain("<text>A</text>");
    const gbk = Buffer.concat([
      Buffer.from(`<?xml version="1.0" encoding="GB2312"?><svg ${SVG}><text>`),
      Buffer.from("c3c5", "hex"),
      Buffer.from("</text></svg>"),
    ]);
    expect(shown(gbk)).toContain("<text>门</text>");
    expect(cleanImage(Buffer.from("3c73766720c33e", "hex"))).toEqual({ ok: false, fault: "damaged" });
  });
});

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([around.subarray(0, 4), named, around.subarray(4)]);
}
const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");
function header(width: number, height: number): Buffer {
  const data = Buffer.from("00000000000000000800000000", "hex");
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  return chunk("IHDR", data);
}
const pixels = chunk("IDAT", deflateSync(Buffer.alloc(6)));
const end = chunk("IEND", Buffer.alloc(0));
const png = (...chunks: Buffer[]) => Buffer.concat([SIGNATURE, ...chunks]);
const PLAIN = png(header(2, 2), pixels, end);

describe("a PNG", () => {
  test("is taken without its notes and what stands behind its end", () => {
    const note = chunk("tEXt", Buffer.from("Author\0somebody"));
    const behind = Buffer.from("PK\u0003\u0004");
    expect(cleanImage(Buffer.concat([png(header(2, 2), note, pixels, end), behind]))).toEqual({
      ok: true,
      image: {
        type: "image/png",
        width: 2,
        height: 2,
        bytes: PLAIN,
        removed: [{ what: "metadata", count: 2 }],
      },
    });
  });
  const broken = Buffer.from(PLAIN);
  broken[20] = 9;
  test.each([
    ["cut off in its header", PLAIN.subarray(0, 20), "damaged"],
    ["cut off before its end", PLAIN.subarray(0, -4), "damaged"],
    ["with a byte changed", broken, "damaged"],
    ["without pixels", png(header(2, 2), end), "damaged"],
    ["with two headers", png(header(2, 2), header(2, 2), pixels, end), "damaged"],
    ["without a header first", png(pixels, header(2, 2), end), "damaged"],
    ["of no width", png(header(0, 2), pixels, end), "damaged"],
    [
      "with a chunk that is needed and unknown",
      png(header(2, 2), chunk("ABCD", end), pixels, end),
      "damaged",
    ],
    ["of too many pixels", png(header(12_000, 12_000), pixels, end), "too-many-pixels"],
    ["with a side too long", png(header(12_001, 1_000), pixels, end), "too-many-pixels"],
    ["of a ribbon", png(header(2_100, 100), pixels, end), "odd-shape"],
    ["with a length beyond its end", Buffer.concat([SIGNATURE, Buffer.alloc(12, 0xff)]), "damaged"],
  ])("%s is refused", (_, bytes, fault) => {
    expect(cleanImage(bytes)).toEqual({ ok: false, fault });
  });
});

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const JFIF = "ffe0 0010 4a46494600 0101 00 0001 0001 00 00";
const FRAME = "ffc0 000b 08 0002 0003 01 01 11 00";
const SCAN = "ffda 0008 01 01 00 00 3f 00 12ff0034ffd056";
const EXIF = "ffe1 0022 457869660000 49492a0008000000 0100 1201 0300 01000000 06000000 00000000";

describe("a JPEG", () => {
  test("is taken without the notes of the camera, but knows which side is up", () => {
    const outcome = cleanImage(hex(`ffd8 ${JFIF} ${EXIF} fffe 0004 6869 ${FRAME} ${SCAN} ffd9 00`));
    expect(outcome).toEqual({
      ok: true,
      image: {
        type: "image/jpeg",
        width: 2,
        height: 3,
        bytes: hex(
          `ffd8 ffe1 0022 457869660000 4d4d002a00000008 0001 0112 0003 00000001 00060000 00000000 ${JFIF} ${FRAME} ${SCAN} ffd9`,
        ),
        removed: [{ what: "metadata", count: 3 }],
      },
    });
  });
  test.each([
    ["cut off in a segment", `ffd8 ${JFIF} ffc0 000b 08`, "damaged"],
    ["cut off in its pixels", `ffd8 ${FRAME} ${SCAN}`, "damaged"],
    ["without a frame", `ffd8 ${JFIF} ${SCAN} ffd9`, "damaged"],
    ["without pixels", `ffd8 ${FRAME} ffd9`, "damaged"],
    ["with a segment of no length", "ffd8 ffe0 0000 ffd9", "damaged"],
    ["with two frames", `ffd8 ${FRAME} ${FRAME} ${SCAN} ffd9`, "damaged"],
    ["with passes without end", `ffd8 ${FRAME} ${`${SCAN} `.repeat(61)} ffd9`, "damaged"],
    ["of no height", `ffd8 ffc0 000b 08 0000 0003 01 01 11 00 ${SCAN} ffd9`, "damaged"],
    ["of too many pixels", `ffd8 ffc2 000b 08 2ee0 2ee0 01 01 11 00 ${SCAN} ffd9`, "too-many-pixels"],
  ])("%s is refused", (_, text, fault) => {
    expect(cleanImage(hex(text))).toEqual({ ok: false, fault });
  });
  test("notes that lie about their own length are left out like any other", () => {
    const lies = "ffe1 0016 457869660000 49492a00 ff000000 ffff 00000000";
    expect(cleanImage(hex(`ffd8 ${lies} ${FRAME} ${SCAN} ffd9`))).toMatchObject({
      image: { width: 3, height: 2, removed: [{ what: "metadata", count: 1 }] },
    });
  });
});
