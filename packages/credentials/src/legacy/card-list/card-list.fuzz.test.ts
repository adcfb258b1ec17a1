import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { CredentialError } from "../../credential-error.ts";
import { parseCardList } from "./parse-card-list.ts";
import { readCsv } from "./read-csv.ts";
import { readXml } from "./xml-events.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
const GOOD = new Uint8Array(readFileSync(new URL("../../../vectors/card-list.xlsx", import.meta.url)));

async function staysCoded(bytes: Uint8Array): Promise<void> {
  try {
    const { rows } = await parseCardList(bytes);
    for (const { uid, findings } of rows) {
      if (uid === undefined) expect(findings.length).toBeGreaterThan(0);
      else expect([4, 7, 10]).toContain(uid.length);
    }
  } catch (error) {
    expect(error).toBeInstanceOf(CredentialError);
    expect(error).toMatchObject({ code: "malformed" });
  }
}

it("any bytes are a list or malformed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), (bytes) => staysCoded(bytes)),
    { numRuns },
  );
});

it("a spreadsheet with bytes changed is a list or malformed", async () => {
  const change = fc.array(fc.tuple(fc.nat(GOOD.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(change, async (changes) => {
      const bytes = GOOD.slice();
      for (const [at, value] of changes) bytes[at] = value;
      await staysCoded(bytes);
    }),
    { numRuns },
  );
});

it("cells come out of a CSV as they went in", () => {
  const cell = fc.string({
    unit: fc.constantFrom("a", "卡", '"', ",", ";", "\t", "\n", "\r", " "),
    maxLength: 8,
  });
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(rows, (table) => {
      const quoted = table.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(","));
      // The first line decides on the separator, so it holds nothing else.
      const text = `a,b,c,d,e,f,g,h,i,j,k,l\n${quoted.join("\r\n")}`;
      expect(readCsv(new TextEncoder().encode(text)).slice(1)).toEqual(table);
    }),
    { numRuns },
  );
});

it("any text is XML or malformed", () => {
  const piece = fc.constantFrom(
    "<a>",
    "</a>",
    "<b x='1'/>",
    "&amp;",
    "&#65;",
    "<",
    ">",
    '"',
    "x",
    "<!--",
    "-->",
    "<?",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      try {
        for (const event of readXml(pieces.join(""))) expect(event.kind).toMatch(/^(open|close|text)$/);
      } catch (error) {
        expect(error).toMatchObject({ code: "malformed" });
      }
    }),
    { numRuns },
  );
});
