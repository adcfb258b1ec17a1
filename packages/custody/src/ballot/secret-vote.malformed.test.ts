import { concatBytes } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import { CustodyError } from "../errors.ts";
import {
  encodeBallot,
  encodeTally,
  encodeTallyShare,
  makeTallyShare,
  parseBallot,
  parseTally,
  parseTallyShare,
} from "./index.ts";
import { makeSecretVote } from "./secret-vote.fixture.ts";

const vote = makeSecretVote("malformed");
const cast = vote.cast(1, 100, "for");
const tally = vote.sum([cast]);
const [held] = vote.shares;
const share = held && makeTallyShare({ key: vote.key, share: held, tally, random: vote.random });
if (share === undefined) throw new Error("no share");

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof CustodyError ? error.code : `not a CustodyError: ${String(error)}`;
  }
  return "accepted";
}

describe.each([
  ["ballot", encodeBallot(cast.ballot), parseBallot, "MENSHEN-SECRET-BALLOT".length, 0],
  ["tally", encodeTally(tally), parseTally, "MENSHEN-SEALED-TALLY".length, 0],
  ["share", encodeTallyShare(share), parseTallyShare, "MENSHEN-TALLY-SHARE".length, 1 + 64],
] as const)("the bytes of a %s", (name, bytes, parse, magic, before) => {
  const element = magic + 1 + before;
  const changed = (at: number, ...values: number[]) => {
    const copy = Uint8Array.from(bytes);
    copy.set(values, at);
    return copy;
  };

  it("are read as they were written", () => {
    expect(codeOf(() => parse(bytes))).toBe("accepted");
  });

  it("are refused at every shorter length, and with anything behind", () => {
    for (let length = 0; length < bytes.length; length += 7) {
      expect(codeOf(() => parse(bytes.slice(0, length)))).toBe("malformed");
    }
    const longer = concatBytes(bytes, Uint8Array.of(0));
    expect(["malformed", "too-large"]).toContain(codeOf(() => parse(longer)));
    expect(codeOf(() => parse(new Uint8Array(100_000)))).toBe("too-large");
  });

  it("are refused as another kind, and of another version by that name", () => {
    expect(codeOf(() => parse(changed(0, 0x20)))).toBe("malformed");
    expect(codeOf(() => parse(changed(magic, 2)))).toBe("unknown-version");
  });

  it("are refused with an element that is not the one encoding of any", () => {
    expect(codeOf(() => parse(changed(element, ...repeated(0xff))))).toBe("malformed");
    const negative = Uint8Array.from(bytes.slice(element, element + 32), (byte, at) =>
      at === 0 ? byte | 1 : byte,
    );
    expect(codeOf(() => parse(changed(element, ...negative)))).toBe("malformed");
    // A voter's own part is never neutral; a sum may be.
    const neutral = codeOf(() => parse(changed(element, ...repeated(0))));
    expect(neutral).toBe(name === "ballot" ? "malformed" : "accepted");
  });

  it("are refused with a scalar that is not below the order", () => {
    if (name === "tally") return;
    expect(codeOf(() => parse(changed(bytes.length - 32, ...repeated(0xff))))).toBe("malformed");
  });
});

function repeated(byte: number): readonly number[] {
  return Array.from({ length: 32 }, () => byte);
}
