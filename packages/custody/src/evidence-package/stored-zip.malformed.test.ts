import { concatBytes } from "@menshen/crypto";
import { expect, test } from "vitest";
import { CustodyError } from "../errors.ts";
import { MAX_ARCHIVE_BYTES, readStoredZip, storedZip } from "./stored-zip.ts";

const text = (words: string) => new TextEncoder().encode(words);
const FILES = [
  { name: "case.json", bytes: text("{}") },
  { name: "events/0001.cbor", bytes: text("entry") },
];
const good = storedZip(FILES);

function changed(at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(good);
  copy[at] = value;
  return copy;
}

test("what was written is read, and an empty file is one", () => {
  expect(readStoredZip(good)).toEqual(FILES);
  expect(readStoredZip(storedZip([{ name: "a", bytes: new Uint8Array() }]))).toHaveLength(1);
});

test.each<[string, Uint8Array]>([
  ["nothing", new Uint8Array()],
  ["no archive", text("PK")],
  ["a byte behind the end", concatBytes(good, Uint8Array.of(0))],
  ["a byte before the beginning", concatBytes(Uint8Array.of(0), good)],
  ["an end cut off", good.subarray(0, -1)],
  ["a directory cut off", good.subarray(0, 60)],
  ["two archives", concatBytes(good, good)],
  ["a flag", changed(6, 8)],
  ["another way to store", changed(8, 8)],
  ["a time", changed(10, 1)],
  ["another digest", changed(14, (good[14] ?? 0) ^ 1)],
  ["a size beyond the end", changed(21, 0xff)],
  ["a size that differs from the stored one", changed(22, 0)],
  ["an extra field", changed(28, 1)],
  ["a comment", changed(good.length - 2, 1)],
  ["a name with a way out", changed(30, 0x2f)],
])("%s is refused", (_what, bytes) => {
  expect(() => readStoredZip(bytes)).toThrow(CustodyError);
});

test("every cut is refused", () => {
  for (let length = 0; length < good.length; length += 1) {
    expect(() => readStoredZip(good.subarray(0, length))).toThrow(CustodyError);
  }
});

test("a name twice, a path that leads out, and too much are refused", () => {
  const twice = concatBytes(storedZip([{ name: "a", bytes: text("1") }]).subarray(0, 32), good);
  expect(() => readStoredZip(twice)).toThrow(CustodyError);
  for (const name of ["", "/a", "a/", "a//b", "..\\a", "a b", "甲", "a/b/c/d"]) {
    expect(() => storedZip([{ name, bytes: text("") }]), name).toThrow(CustodyError);
  }
  expect(() => storedZip([...FILES, ...FILES])).toThrow(CustodyError);
  expect(() => readStoredZip(new Uint8Array(MAX_ARCHIVE_BYTES + 1))).toThrow(
    expect.objectContaining({ code: "too-large" }),
  );
});
