import { describe, expect, it } from "vitest";
import { parseLeaf } from "./leaf-commitment.ts";

const commitment = Array.from({ length: 32 }, () => 7);
const tag = Array.from({ length: 16 }, () => 8);
const topic = [...Buffer.from("views")];

describe("an entry is refused as malformed:", () => {
  it.each([
    ["empty", []],
    ["version alone", [1]],
    ["no topic", [1, 0, ...commitment]],
    ["topic cut off", [1, 5, ...topic.slice(1)]],
    ["commitment cut off", [1, 5, ...topic, ...commitment.slice(1)]],
    ["a byte behind", [1, 5, ...topic, ...commitment, 0]],
    ["a length too short by one", [1, 4, ...topic, ...commitment]],
    ["a length too long by one", [1, 6, ...topic, ...commitment]],
    ["a capital letter", [1, 5, 0x56, ...topic.slice(1), ...commitment]],
    ["a newline in the topic", [1, 5, ...topic.slice(0, 4), 0x0a, ...commitment]],
    ["a byte above ASCII", [1, 5, ...topic.slice(0, 4), 0xe4, ...commitment]],
    ["a digit first", [1, 5, 0x31, ...topic.slice(1), ...commitment]],
    ["a tag without its version", [1, 5, ...topic, ...commitment, ...tag]],
    ["a tag's version without a tag", [2, 5, ...topic, ...commitment]],
    ["a tag cut off", [2, 5, ...topic, ...commitment, ...tag.slice(1)]],
    ["a byte behind the tag", [2, 5, ...topic, ...commitment, ...tag, 0]],
    ["65 letters", [1, 65, ...Array.from({ length: 65 }, () => 0x61), ...commitment]],
  ])("%s", (_why, entry) => {
    expect(parseLeaf(Uint8Array.from(entry))).toEqual({ parsed: false, refusal: "malformed" });
  });
});

it.each([0, 3, 255])("version %i is an unknown one, whatever follows", (version) => {
  for (const rest of [[], [5, ...topic, ...commitment]]) {
    expect(parseLeaf(Uint8Array.of(version, ...rest))).toEqual({
      parsed: false,
      refusal: "unknown-version",
    });
  }
});

it("the same with nothing wrong is read", () => {
  expect(parseLeaf(Uint8Array.of(1, 5, ...topic, ...commitment))).toEqual({
    parsed: true,
    leaf: { topic: "views", commitment: Uint8Array.from(commitment) },
  });
  expect(parseLeaf(Uint8Array.of(2, 5, ...topic, ...commitment, ...tag))).toEqual({
    parsed: true,
    leaf: { topic: "views", commitment: Uint8Array.from(commitment), tag: Uint8Array.from(tag) },
  });
});
