import * as browserCrypto from "@menshen/crypto";
import * as nodeCrypto from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import vectors from "../../vectors/nxp-sdm-an12196.json" with { type: "json" };
import { lricbDecrypt, makeLrpKey } from "../lrp/lrp.ts";
import { openSdmSession, PICC_DATA_BYTES, sealPiccData } from "./sdm-crypto.ts";
import type { SunMessage } from "./sun-verification.ts";
import { verifySun } from "./sun-verification.ts";

const { concatBytes, fromHex, toHex } = nodeCrypto;
const ascii = (text: string) => new TextEncoder().encode(text);
const zeroKey = new Uint8Array(16);

interface SdmVector {
  readonly picc: string;
  readonly cmac: string;
  readonly macInput: string;
  readonly uid: string;
  readonly ctr: number;
  readonly enc?: string;
  readonly fileData?: string;
  readonly fileDataHex?: string;
  readonly meta?: string;
  readonly file?: string;
}

const aes: readonly SdmVector[] = vectors.aes;
const lrp: readonly SdmVector[] = vectors.lrp;
const cases = [
  ...aes.map((v) => ({ mode: "aes" as const, v })),
  ...lrp.map((v) => ({ mode: "lrp" as const, v })),
];

function keysOf(v: SdmVector) {
  return {
    metaKey: v.meta === undefined ? zeroKey : fromHex(v.meta),
    fileKey: v.file === undefined ? zeroKey : fromHex(v.file),
  };
}

function messageOf(mode: "aes" | "lrp", v: SdmVector): SunMessage {
  return {
    mode,
    encryptedPiccData: fromHex(v.picc),
    macInput: ascii(v.macInput),
    mac: fromHex(v.cmac),
    ...(v.enc === undefined ? {} : { encryptedFileData: fromHex(v.enc) }),
  };
}

describe.each([
  ["@menshen/crypto", browserCrypto.primitives],
  ["@menshen/crypto/node", nodeCrypto.primitives],
])("SDM over %s", (_name, primitives) => {
  it("verifies the published messages and reads what they carry", () => {
    expect(cases).toHaveLength(5);
    for (const { mode, v } of cases) {
      const { metaKey, fileKey } = keysOf(v);
      const seen: string[] = [];
      const result = verifySun({
        primitives,
        message: messageOf(mode, v),
        metaKey,
        fileKeyFor: (uid) => {
          seen.push(toHex(uid));
          return fileKey;
        },
      });
      if (result.outcome !== "verified") throw new Error(result.outcome);
      expect(seen).toEqual([v.uid]);
      expect(toHex(result.uid)).toBe(v.uid);
      expect(result.counter).toBe(v.ctr);
      const expected = v.fileData === undefined ? v.fileDataHex : toHex(ascii(v.fileData));
      expect(result.fileData === undefined ? undefined : toHex(result.fileData)).toBe(expected);
    }
  });

  it("makes the published MACs and file data as the card does", () => {
    for (const { mode, v } of cases) {
      const identity = { uid: fromHex(v.uid), counter: v.ctr };
      const session = openSdmSession(primitives, mode, keysOf(v).fileKey, identity);
      expect(toHex(session.mac(ascii(v.macInput))).toUpperCase()).toBe(v.cmac);
      if (v.enc === undefined) continue;
      const data = v.fileData === undefined ? fromHex(v.fileDataHex ?? "") : ascii(v.fileData);
      expect(toHex(session.encrypt(data)).toUpperCase()).toBe(v.enc);
    }
  });

  it("seals the published PICCData as the card does, given the bytes it chose", () => {
    for (const { mode, v } of cases) {
      const { metaKey } = keysOf(v);
      const sealed = fromHex(v.picc);
      expect(sealed).toHaveLength(PICC_DATA_BYTES[mode]);
      // The card's own random bytes are inside: in LRP mode in front, and as padding behind the counter.
      const piccRandom = sealed.subarray(0, 8);
      const block =
        mode === "aes"
          ? primitives.aesCbcDecrypt(metaKey, zeroKey, sealed)
          : lricbDecrypt(makeLrpKey(primitives, metaKey, 0), piccRandom, sealed.subarray(8));
      const random = concatBytes(piccRandom, block.subarray(8));
      const identity = { uid: fromHex(v.uid), counter: v.ctr };
      expect(toHex(sealPiccData(primitives, mode, metaKey, identity, random)).toUpperCase()).toBe(v.picc);
    }
  });

  it("verifies UID and counter mirrored in clear", () => {
    expect(vectors.plainMirror).toHaveLength(1);
    for (const v of vectors.plainMirror) {
      const plainIdentity = { uid: fromHex(v.uid), counter: v.ctr };
      const message = {
        mode: "aes",
        plainIdentity,
        macInput: new Uint8Array(),
        mac: fromHex(v.cmac),
      } as const;
      const result = verifySun({ primitives, message, fileKeyFor: () => fromHex(v.file) });
      expect(result).toEqual({ outcome: "verified", uid: fromHex(v.uid), counter: v.ctr });
    }
  });
});
