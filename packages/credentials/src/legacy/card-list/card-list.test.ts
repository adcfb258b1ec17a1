import { readFileSync } from "node:fs";
import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { type CardListChoices, formsOfKnownCard, parseCardList } from "./parse-card-list.ts";
import { readCsv } from "./read-csv.ts";

const encoder = new TextEncoder();
const parse = (text: string, choices?: CardListChoices) => parseCardList(encoder.encode(text), choices);
const uids = async (text: string, choices?: CardListChoices) =>
  (await parse(text, choices)).rows.map(({ uid, findings: [finding] }) =>
    uid === undefined ? finding?.code : toHex(uid),
  );

describe("a CSV list", () => {
  test("with a heading, a name and hexadecimal numbers", async () => {
    const preview = await parse(
      "姓名,卡号,房号\r\n张三,04A1B2C3D4E580,1-101\r\n李四,0x04:11:22:33:44:55:80,\r\n",
    );
    expect(preview).toEqual({
      header: ["姓名", "卡号", "房号"],
      column: 1,
      form: { digits: "hex", byteOrder: "as-shown" },
      ambiguous: { digits: false, byteOrder: false },
      rows: [
        { line: 2, uid: fromHex("04a1b2c3d4e580"), cells: ["张三", "04A1B2C3D4E580", "1-101"], findings: [] },
        {
          line: 3,
          uid: fromHex("04112233445580"),
          cells: ["李四", "0x04:11:22:33:44:55:80", ""],
          findings: [],
        },
      ],
    });
  });

  test("in GB 18030, with semicolons, quotes and a line inside a cell", async () => {
    // 姓名;卡号 in GB 18030, then rows in ASCII.
    const head = fromHex("d0d5c3fb3bbfa8bac5");
    const rest = encoder.encode('\n"A ""the"" B\nC";DEADBEEF\n');
    const preview = await parseCardList(Uint8Array.of(...head, ...rest));
    expect(preview.header).toEqual(["姓名", "卡号"]);
    expect(preview.rows).toEqual([
      { line: 2, uid: fromHex("deadbeef"), cells: ['A "the" B\nC', "DEADBEEF"], findings: [] },
    ]);
  });

  test("with decimal numbers in either byte order", async () => {
    // DEADBEEF is 3735928559, backwards EFBEADDE, 4022250974.
    expect(await uids("card\n3735928559\n", {})).toEqual(["deadbeef"]);
    expect(await uids("card\n4022250974\n", { byteOrder: "reversed" })).toEqual(["deadbeef"]);
    // Leading zeros are digits that decimal numbers do not need.
    expect(await uids("card\n0000012345\n")).toEqual(["00003039"]);
    expect((await parse("card\n0000012345\n")).rows[0]?.findings).toEqual([{ code: "unusual-number" }]);
  });

  test("whose seven-byte numbers are backwards is known by their makers", async () => {
    const preview = await parse("uid\n80E5D4C3B2A104\n80554433221104\n");
    expect(preview.form).toEqual({ digits: "hex", byteOrder: "reversed" });
    expect(preview.ambiguous).toEqual({ digits: false, byteOrder: false });
    expect(preview.rows.map(({ uid }) => toHex(uid ?? new Uint8Array()))).toEqual([
      "04a1b2c3d4e580",
      "04112233445580",
    ]);
  });

  test("that nothing tells hexadecimal from decimal by is left to a person", async () => {
    const preview = await parse("uid\n12345678\n87654321\n");
    expect(preview.ambiguous).toEqual({ digits: true, byteOrder: true });
    expect((await parse("uid\n12345678\n", { digits: "decimal" })).ambiguous.digits).toBe(false);
    expect(await uids("uid\n12345678\n", { digits: "decimal", byteOrder: "as-shown" })).toEqual(["00bc614e"]);
  });

  test("says of each row what is odd", async () => {
    const list = [
      "uid",
      "04A1B2C3D4E580",
      "04A1B2C3D4E580",
      " ,x",
      "none yet",
      "04A1B2C3D4",
      "08A1B2C3",
      "8804A1B2",
      "1.23457E+16",
      "'04112233445580",
      "4112233445590",
    ];
    expect(await uids(list.join("\n"), { digits: "hex", byteOrder: "as-shown" })).toEqual([
      "04a1b2c3d4e580",
      "duplicate",
      "no-number",
      "not-a-number",
      "wrong-length",
      "random-number",
      "8804a1b2",
      "scientific-notation",
      "04112233445580",
      "04112233445590",
    ]);
    const { rows } = await parse(list.join("\n"));
    expect(rows[1]?.findings).toEqual([{ code: "duplicate", ofLine: 2 }]);
    expect(rows[6]?.findings).toEqual([{ code: "unusual-number" }]);
  });

  test("without a heading has its column found", async () => {
    const preview = await parse("张三,04A1B2C3D4E580\n李四,04112233445580\n");
    expect(preview).toMatchObject({ header: [], column: 1 });
    expect(preview.rows).toHaveLength(2);
  });
});

test("an XLSX list reads shared, rich, inline and formula texts, and sees digits that were lost", async () => {
  const bytes = readFileSync(new URL("../../../vectors/card-list.xlsx", import.meta.url));
  const preview = await parseCardList(new Uint8Array(bytes));
  expect(preview).toMatchObject({ header: ["姓名", "房号", "卡号"], column: 2 });
  expect(preview.rows).toEqual([
    { line: 2, uid: fromHex("04a1b2c3d4e580"), cells: ["张三", "1-101", "04A1B2C3D4E580"], findings: [] },
    {
      line: 3,
      uid: fromHex("04112233445580"),
      cells: ["李四 & 家人", "1-102", "04112233445580"],
      findings: [],
    },
    { line: 4, cells: ["", "", "1.3034431874921E+15"], findings: [{ code: "scientific-notation" }] },
    { line: 5, cells: ["", "", "04A1B2C3D4E580"], findings: [{ code: "duplicate", ofLine: 2 }] },
  ]);
});

test("one known card settles form and byte order", () => {
  const uid = fromHex("12345678");
  const forms = (text: string) =>
    formsOfKnownCard(text, uid).map(({ digits, byteOrder }) => `${digits} ${byteOrder}`);
  expect(forms("12345678")).toEqual(["hex as-shown"]);
  expect(forms("78563412")).toEqual(["hex reversed"]);
  expect(forms("305419896")).toEqual(["decimal as-shown"]);
  expect(forms("2018915346")).toEqual(["decimal reversed"]);
  expect(forms("1")).toEqual([]);
});

test("cells of a CSV are what stands between separators", () => {
  const rows = (text: string) => readCsv(encoder.encode(text));
  expect(rows("")).toEqual([]);
  expect(rows("a")).toEqual([["a"]]);
  expect(rows("a,b,\n")).toEqual([["a", "b", ""]]);
  expect(rows("a,")).toEqual([["a", ""]]);
  expect(rows('"",x\r\r\n')).toEqual([["", "x"], [""]]);
  expect(rows("\ufeffa\tb,c\td")).toEqual([["a", "b,c", "d"]]);
});
