import { expect, test } from "vitest";
import { crypto } from "../evidence.fixture.ts";
import { formatNote, signNote } from "../index.ts";
import { KEY, LEAF, SECRET } from "./complaint-receipt.fixture.ts";
import { readComplaintReceipt, writeComplaintReceipt } from "./complaint-receipt.ts";

/** Signed by the right key, so that nothing but its text is wrong. */
const signed = (text: string) =>
  new TextDecoder().decode(formatNote({ text, signatures: [signNote(crypto, KEY, SECRET, text)] }));
const whole = writeComplaintReceipt(crypto, KEY, SECRET, LEAF);
const [first = "", line = ""] = whole.split("\n");

test.each([
  ["empty", "\n"],
  ["another version", `menshen complaint receipt v2\n${line}\n`],
  ["one line only", `${first}\n`],
  ["a line more", `${first}\n${line}\nmore\n`],
  ["no JSON", `${first}\n{\n`],
  ["a list", `${first}\n[]\n`],
  ["not canonical", `${first}\n ${line}\n`],
  ["a field missing", `${first}\n${line.replace('"leafId"', '"leafIx"')}\n`],
  ["a salt too short", `${first}\n${line.replace("07".repeat(32), "07".repeat(31))}\n`],
  ["capitals", `${first}\n${line.replace("07".repeat(32), "0A".repeat(32))}\n`],
  ["another topic", `${first}\n${line.replace("complaint-received", "complaint-answered")}\n`],
  ["a statement that is none", `${first}\n${line.replace('{\\"', '[\\"')}\n`],
])("a receipt with %s is none", (_name, text) => {
  expect(readComplaintReceipt(crypto, signed(text), [KEY])).toEqual({ read: false, refusal: "no-receipt" });
});

test("what is no signed note is malformed", () => {
  for (const text of [
    "",
    whole.slice(0, -2),
    `${whole}\n`,
    whole.replace("\n\n", "\n"),
    "x".repeat(2_000_000),
  ]) {
    const read = readComplaintReceipt(crypto, text, [KEY]);
    expect(read.read, text.slice(0, 40)).toBe(false);
  }
});
