import fc from "fast-check";
import { expect, test } from "vitest";
import { crypto } from "../evidence.fixture.ts";
import { formatComplaintFile, parseComplaintFile } from "./complaint-file.ts";
import { KEY, LEAF, NONCE, SECRET, WRITTEN } from "./complaint-receipt.fixture.ts";
import { writeComplaintReceipt } from "./complaint-receipt.ts";

const receipt = writeComplaintReceipt(crypto, KEY, SECRET, LEAF);
const nonce = Buffer.from(NONCE).toString("hex");
const file = formatComplaintFile({ receipt, written: { ...WRITTEN, nonce } });
const numRuns = Number(process.env.FUZZ_RUNS ?? 200);

test("a file is read as it was written, also a receipt alone and one that an editor saved", () => {
  expect(file.startsWith('{"category":"fees","format":"menshen complaint v1","kind":"complaint"')).toBe(true);
  expect(parseComplaintFile(file)).toEqual({ receipt, written: { ...WRITTEN, nonce } });
  expect(parseComplaintFile(receipt)).toEqual({ receipt });
  expect(parseComplaintFile(`${receipt.replaceAll("\n", "\r\n")}\r\n`)).toEqual({ receipt });
  expect(formatComplaintFile({ receipt })).toBe(receipt);
});

test.each([
  ["nothing", ""],
  ["another note", "menshen consent receipt v1\n"],
  ["a list", "[]"],
  ["cut off", file.slice(0, -4)],
  ["another version", file.replace("complaint v1", "complaint v2")],
  ["a nonce too short", file.replace(nonce, nonce.slice(2))],
  ["capitals", file.replace(nonce, nonce.toUpperCase().replaceAll("0", "A"))],
  ["a number for the words", file.replace(JSON.stringify(WRITTEN.text), "7")],
  ["no receipt", file.replace('"receipt"', '"receipx"')],
  ["oversized", `{"a":"${"x".repeat(2_000_000)}"}`],
])("%s is no such file", (_name, text) => {
  expect(parseComplaintFile(text)).toBeUndefined();
});

test("any text is read or refused, and never throws", () => {
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.string({ maxLength: 4 }), fc.nat(4), (at, put, cut) => {
      const parsed = parseComplaintFile(file.slice(0, at) + put + file.slice(at + cut));
      if (parsed?.written !== undefined) expect(parsed.written.nonce).toHaveLength(64);
    }),
    { numRuns },
  );
});
