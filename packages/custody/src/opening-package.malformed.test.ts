import { canonicalJson } from "@menshen/domain";
import { expect, it } from "vitest";
import { makePackage, parsePackage } from "./opening-package.ts";
import { COMMUNITY_SEED, makePackageWorld } from "./testing/package-world.ts";

const { content } = await makePackageWorld();
const text = makePackage(content, COMMUNITY_SEED);
const file = JSON.parse(text);

/** The file with one member set, or removed with `undefined`; the path is written as `entries.0.text`. */
function withValue(path: string, value: unknown): string {
  const copy = structuredClone(file);
  const names = path.split(".");
  const last = names.pop() ?? "";
  const target = names.reduce((node, name) => Reflect.get(node, name), copy.package);
  if (value === undefined) Reflect.deleteProperty(target, last);
  else Reflect.set(target, last, value);
  return canonicalJson(copy);
}

it.each([
  ["nothing", ""],
  ["no JSON", "{"],
  ["null", "null"],
  ["a list", "[]"],
  ["another object", "{}"],
  ["a blank behind it", `${text} `],
  ["a line break behind it", `${text}\n`],
  ["other spacing", JSON.stringify(file, null, 1)],
  ["a member more", canonicalJson({ ...file, more: 1 })],
  ["no signature", canonicalJson({ package: file.package })],
  ["a signature in capitals", canonicalJson({ ...file, signature: "AB".repeat(64) })],
  ["a short signature", canonicalJson({ ...file, signature: "ab".repeat(63) })],
  ["no version", withValue("version", undefined)],
  ["a version that is no number", withValue("version", "1")],
  ["a member more inside", withValue("more", 1)],
  ["a community without id", withValue("communityId", "x")],
  ["a name with a line break", withValue("communityName", "a\nb")],
  ["a negative time", withValue("madeAt", -1)],
  ["a short salt", withValue("request.salt", "00")],
  ["half a byte", withValue("entries.0.text", "0".repeat(63))],
  ["a long text", withValue("entries.0.text", "00".repeat(33))],
  ["an empty journal entry", withValue("entries.0.journal", "")],
  ["a journal entry that is too long", withValue("entries.0.journal", "00".repeat(4_097))],
  ["too many answers", withValue("entries.0.partials", Array(33).fill("00"))],
  ["a holder with more than a name", withValue("entries.0.holder.phone", "1")],
  ["entries that are no list", withValue("entries", {})],
  ["501 entries", withValue("entries", Array(501).fill(file.package.entries[0]))],
  ["a reason that is none", withValue("unopened.0.reason", "lost")],
  ["a short vouch", withValue("ceremonies.0.vouches.0", "00")],
  ["no digests", withValue("digests", undefined)],
  ["a digest more", withValue("digests.more", "00")],
  ["digests that are no list", withValue("digests.entries", "00")],
])("%s is no package", (_what, changed) => {
  expect(() => parsePackage(changed)).toThrow(expect.objectContaining({ code: "malformed" }));
});

it("another version is named as such", () => {
  expect(() => parsePackage(withValue("version", 2))).toThrow(
    expect.objectContaining({ code: "unknown-version" }),
  );
});

it("a huge file is not decoded", () => {
  expect(() => parsePackage("x".repeat(16 * 1024 * 1024 + 1))).toThrow(
    expect.objectContaining({ code: "too-large" }),
  );
});

it("digests of another count are wrong digests", () => {
  expect(parsePackage(withValue("digests.entries", [])).wrongDigests).toEqual([
    "entries/1",
    "entries/2",
    "entries",
  ]);
});

it("nothing is made that could not be read", () => {
  const long = { ...content, communityName: "x".repeat(81) };
  expect(() => makePackage(long, COMMUNITY_SEED)).toThrow(
    expect.objectContaining({ code: "invalid-argument" }),
  );
});
