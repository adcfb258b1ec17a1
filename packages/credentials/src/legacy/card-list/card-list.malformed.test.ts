import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseCardList } from "./parse-card-list.ts";
import { openZip } from "./read-zip.ts";
import { readXml } from "./xml-events.ts";

const GOOD = new Uint8Array(readFileSync(new URL("../../../vectors/card-list.xlsx", import.meta.url)));
const MALFORMED = expect.objectContaining({ code: "malformed" });
const encoder = new TextEncoder();

test.each([
  ["nothing", ""],
  ["empty lines", "\n\n , \n"],
  ["a quote that never ends", '"04A1B2C3D4E580'],
  ["a quote in a cell", 'a"b'],
  ["signs behind a quoted cell", '"a"b'],
  ["too many columns", ",".repeat(300)],
  ["a cell that is too long", "a".repeat(40_000)],
  ["half an archive", "PK\u0003\u0004"],
])("%s is malformed", async (_what, text) => {
  await expect(parseCardList(encoder.encode(text))).rejects.toEqual(MALFORMED);
});

test("a spreadsheet of before 2007, or one with a password, is told from a list of odd signs", async () => {
  const old = Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ...new Uint8Array(504));
  await expect(parseCardList(old)).rejects.toEqual(
    expect.objectContaining({ code: "malformed", message: "expected .xlsx without a password, not .xls" }),
  );
});

describe("an archive", () => {
  test("cut anywhere is malformed", async () => {
    for (let length = 2; length < GOOD.length; length += 13) {
      await expect(parseCardList(GOOD.slice(0, length))).rejects.toEqual(MALFORMED);
    }
  });

  test("that asks for a password, names a file twice or points elsewhere is malformed", async () => {
    const directory = GOOD.lastIndexOf(0x50, GOOD.length - 22 - 1);
    const at = (signature: readonly number[]) =>
      GOOD.findIndex((_, index) => signature.every((byte, offset) => GOOD[index + offset] === byte));
    const entry = at([0x50, 0x4b, 0x01, 0x02]);
    expect(directory).toBeGreaterThan(0);
    const changed = (offset: number, ...values: readonly number[]) => {
      const bytes = GOOD.slice();
      bytes.set(values, offset);
      return bytes;
    };
    expect(() => openZip(changed(entry + 8, 1))).toThrow(MALFORMED);
    expect(() => openZip(changed(entry + 10, 99))).toThrow(MALFORMED);
    expect(() => openZip(changed(GOOD.length - 22 + 16, 0xff, 0xff, 0xff, 0x7f))).toThrow(MALFORMED);
    expect(() => openZip(changed(GOOD.length - 22 + 10, 0xff, 0xff))).toThrow(MALFORMED);
    const elsewhere = openZip(changed(entry + 42, 0xff, 0xff, 0xff, 0x7f));
    await expect(elsewhere.file("[Content_Types].xml")).rejects.toEqual(MALFORMED);
  });

  test("that unpacks into more than a list can be is stopped", async () => {
    // 33 MiB of zeros, deflated, as the one file of an archive.
    const packed = new Uint8Array(
      await new Response(
        new Blob([new Uint8Array(33 * 1024 * 1024)])
          .stream()
          .pipeThrough(new CompressionStream("deflate-raw")),
      ).arrayBuffer(),
    );
    expect(packed.length).toBeLessThan(64 * 1024);
    await expect(openZip(archiveOf("x", packed)).file("x")).rejects.toEqual(MALFORMED);
  });
});

test.each([
  ["a document type", '<!DOCTYPE x [<!ENTITY a "b">]><x/>'],
  ["an entity of its own", "<x>&boom;</x>"],
  ["an entity that never ends", "<x>&amp</x>"],
  ["a number that is no sign", "<x>&#x110000;</x>"],
  ["elements out of order", "<a><b></a></b>"],
  ["an element that never closes", "<a><b></b>"],
  ["an attribute twice", '<a x="1" x="2"/>'],
  ["an attribute without quotes", "<a x=1/>"],
  ["too many levels", "<a>".repeat(40)],
  ["a tag that never ends", "<a"],
])("XML with %s is malformed", (_what, text) => {
  expect(() => [...readXml(text)]).toThrow(MALFORMED);
});

/** One deflated file, as APPNOTE §4.3 lays an archive out. */
function archiveOf(name: string, packed: Uint8Array): Uint8Array {
  const nameBytes = encoder.encode(name);
  const local = new Uint8Array(30 + nameBytes.length);
  const localView = new DataView(local.buffer);
  localView.setUint32(0, 0x04034b50, true);
  localView.setUint16(26, nameBytes.length, true);
  local.set(nameBytes, 30);
  const entry = new Uint8Array(46 + nameBytes.length);
  const entryView = new DataView(entry.buffer);
  entryView.setUint32(0, 0x02014b50, true);
  entryView.setUint16(10, 8, true);
  entryView.setUint32(20, packed.length, true);
  entryView.setUint16(28, nameBytes.length, true);
  entry.set(nameBytes, 46);
  const end = new Uint8Array(22);
  const endView = new DataView(end.buffer);
  endView.setUint32(0, 0x06054b50, true);
  endView.setUint16(10, 1, true);
  endView.setUint32(16, local.length + packed.length, true);
  return Uint8Array.of(...local, ...packed, ...entry, ...end);
}
