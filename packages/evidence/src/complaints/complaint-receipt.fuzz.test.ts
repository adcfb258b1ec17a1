import fc from "fast-check";
import { expect, test } from "vitest";
import { crypto } from "../evidence.fixture.ts";
import { formatNote, signNote } from "../index.ts";
import { KEY, LEAF, SECRET } from "./complaint-receipt.fixture.ts";
import { readComplaintReceipt, writeComplaintReceipt } from "./complaint-receipt.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 100);
const whole = writeComplaintReceipt(crypto, KEY, SECRET, LEAF);
const said = whole.slice(0, whole.indexOf("\n\n") + 1);

test("a receipt that was changed anywhere is refused, and never throws", () => {
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.string({ maxLength: 3 }), fc.nat(3), (at, put, cut) => {
      const changed = whole.slice(0, at) + put + whole.slice(at + cut);
      if (changed !== whole) expect(readComplaintReceipt(crypto, changed, [KEY]).read).toBe(false);
    }),
    { numRuns },
  );
});

test("signed text of any kind is read or refused, and never throws", () => {
  fc.assert(
    fc.property(fc.nat(said.length - 2), fc.string({ maxLength: 3 }), fc.nat(3), (at, put, cut) => {
      const text = `${said.slice(0, at)}${put}${said.slice(at + cut)}
`;
      const note = formatNote({ text, signatures: [signNote(crypto, KEY, SECRET, text)] });
      const read = readComplaintReceipt(crypto, new TextDecoder().decode(note), [KEY]);
      if (read.read) expect(read.receipt.salt).toHaveLength(32);
    }),
    { numRuns },
  );
});
