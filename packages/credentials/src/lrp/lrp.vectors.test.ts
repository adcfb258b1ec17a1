import * as browserCrypto from "@menshen/crypto";
import * as nodeCrypto from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import vectors from "../../vectors/nxp-lrp-an12304.json" with { type: "json" };
import { advanceCounter, evaluateLrp, lricbDecrypt, lricbEncrypt, lrpCmac, makeLrpKey } from "./lrp.ts";

const { concatBytes, fromHex, toHex } = nodeCrypto;

describe.each([
  ["@menshen/crypto", browserCrypto.primitives],
  ["@menshen/crypto/node", nodeCrypto.primitives],
])("LRP over %s, AN12304", (_name, primitives) => {
  it("evaluates", () => {
    expect(vectors.eval).toHaveLength(50);
    for (const v of vectors.eval) {
      const key = makeLrpKey(primitives, fromHex(v.KEY), Number(v.UPDATEDKEY));
      const nibbles = [...v.IV].map((digit) => Number.parseInt(digit, 16));
      expect(toHex(evaluateLrp(key, nibbles, v.FINALIZE === "1")).toUpperCase()).toBe(v.RES);
    }
  });

  it("computes CMACs", () => {
    expect(vectors.cmac).toHaveLength(50);
    for (const v of vectors.cmac) {
      const key = makeLrpKey(primitives, fromHex(v.KEY), 0);
      expect(toHex(lrpCmac(key, fromHex(v.MSG))).toUpperCase()).toBe(v.MAC);
    }
  });

  it("runs LRICB both ways", () => {
    expect(vectors.lricb).toHaveLength(50);
    for (const v of vectors.lricb) {
      const key = makeLrpKey(primitives, fromHex(v.KEY), 0);
      const [counter, plain] = [fromHex(v.IV), fromHex(v.PT)];
      const padding = new Uint8Array(16 - (plain.length % 16));
      padding[0] = 0x80;
      const blocks = v.USEPADDING === "1" ? concatBytes(plain, padding) : plain;
      expect(toHex(lricbEncrypt(key, counter, blocks)).toUpperCase()).toBe(v.CT);
      expect(lricbDecrypt(key, counter, fromHex(v.CT))).toEqual(blocks);
    }
  });
});

describe("LRICB counters", () => {
  it("count big-endian and wrap at their length", () => {
    expect(toHex(advanceCounter(fromHex("00"), 1))).toBe("01");
    expect(toHex(advanceCounter(fromHex("1211"), 1))).toBe("1212");
    expect(toHex(advanceCounter(fromHex("ffff"), 1))).toBe("0000");
    expect(toHex(advanceCounter(fromHex("00ff"), 258))).toBe("0201");
    expect(toHex(advanceCounter(fromHex("c3315dbf"), 0))).toBe("c3315dbf");
  });
});
