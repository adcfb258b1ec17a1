import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { parseScbk } from "../secure/scbk.ts";
import { makeKeyRing } from "./key-ring.ts";

const OLD = "6f1c0a93d47e25b8815d3cf0a2479be6";
const NEW = "c2903d7f5ae1146b08d98237ef51ba4c";
const key = (hex: string) => parseScbk(fromHex(hex));

describe("the keys of a peripheral", () => {
  test("an offered key is tried first and takes over when it is proved", () => {
    const ring = makeKeyRing(key(OLD));
    ring.offer(key(NEW));
    expect(ring.candidates().map(toHex)).toEqual([NEW, OLD]);
    const old = ring.inForce;
    expect(ring.proved(key(NEW))).toBe(true);
    expect(ring.candidates().map(toHex)).toEqual([NEW]);
    expect(toHex(old)).toBe("00".repeat(16));
  });

  test("an offered key is dropped when the old one is proved, or when it was refused", () => {
    const ring = makeKeyRing(key(OLD), key(NEW));
    const [offered] = ring.candidates();
    expect(ring.proved(key(OLD))).toBe(false);
    expect(ring.candidates().map(toHex)).toEqual([OLD]);
    expect(toHex(offered)).toBe("00".repeat(16));
    ring.offer(key(NEW));
    ring.withdraw();
    expect(ring.candidates().map(toHex)).toEqual([OLD]);
  });

  test("wiping leaves the owner's own copies alone", () => {
    const [mine, next] = [key(OLD), key(NEW)];
    const ring = makeKeyRing(mine, next);
    ring.wipe();
    expect(ring.candidates().map(toHex)).toEqual(["00".repeat(16), "00".repeat(16)]);
    expect([toHex(mine), toHex(next)]).toEqual([OLD, NEW]);
  });
});
