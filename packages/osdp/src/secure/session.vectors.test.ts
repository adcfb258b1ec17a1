import { readFileSync } from "node:fs";
import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { decodeFrame } from "../frame/frame.ts";
import { cpCryptogram, deriveSessionKeys, initialRMac, makeSecureSession, pdCryptogram } from "./session.ts";

interface SecureChannelVector {
  readonly scbk: string;
  readonly cpRandom: string;
  readonly pdRandom: string;
  readonly sMac1: string;
  readonly sMac2: string;
  readonly sEnc: string;
  readonly cpCryptogram: string;
  readonly pdCryptogram: string;
  readonly rMacI: string;
}

const { secureChannel: vector }: { secureChannel: SecureChannelVector } = JSON.parse(
  readFileSync(new URL("../../vectors/osdp.json", import.meta.url), "utf8"),
);

const [a, b] = [fromHex(vector.cpRandom), fromHex(vector.pdRandom)];
const HEADER = { address: 0, reply: false, sequence: 2, check: "crc16", mark: false } as const;

function bothSides() {
  const keys = () => deriveSessionKeys(fromHex(vector.scbk), a);
  return [
    makeSecureSession(keys(), fromHex(vector.rMacI)),
    makeSecureSession(keys(), fromHex(vector.rMacI)),
  ] as const;
}

function frameFrom(bytes: Uint8Array) {
  const frame = decodeFrame(bytes, false);
  if (typeof frame === "string") throw new Error(frame);
  return frame;
}

describe("SIA OSDP v2.2 Annex E", () => {
  const keys = deriveSessionKeys(fromHex(vector.scbk), a);

  test("session keys", () => {
    expect(toHex(keys.sEnc)).toBe(vector.sEnc);
    expect(toHex(keys.sMac1)).toBe(vector.sMac1);
    expect(toHex(keys.sMac2)).toBe(vector.sMac2);
  });

  test("cryptograms and R-MAC-I", () => {
    expect(toHex(pdCryptogram(keys, a, b))).toBe(vector.pdCryptogram);
    expect(toHex(cpCryptogram(keys, a, b))).toBe(vector.cpCryptogram);
    expect(toHex(initialRMac(keys, fromHex(vector.cpCryptogram)))).toBe(vector.rMacI);
  });
});

describe("two sides of a session", () => {
  test.each([0, 1, 14, 15, 16, 17, 31, 32, 255, 1_000])("carry %i bytes of data both ways", (sizeBytes) => {
    const [panel, peripheral] = bothSides();
    const data = Uint8Array.from({ length: sizeBytes }, (_, index) => index & 0xff);
    const sealed = frameFrom(panel.seal(HEADER, { code: 0x80, data }));
    expect(sealed.security?.type).toBe(sizeBytes === 0 ? 0x15 : 0x17);
    expect(peripheral.open(sealed)).toEqual({ code: 0x80, data });
    const answer = frameFrom(peripheral.seal({ ...HEADER, reply: true }, { code: 0x90, data }));
    expect(answer.security?.type).toBe(sizeBytes === 0 ? 0x16 : 0x18);
    expect(panel.open(answer)).toEqual({ code: 0x90, data });
  });

  test("a forged frame leaves the chain where it was", () => {
    const [panel, peripheral] = bothSides();
    const bytes = panel.seal(HEADER, { code: 0x60, data: new Uint8Array(0) });
    const sealed = frameFrom(bytes);
    const mac = Uint8Array.from(sealed.mac ?? []);
    mac[0] = (mac[0] ?? 0) ^ 1;
    expect(peripheral.open({ ...sealed, mac })).toBe("wrong-mac");
    expect(peripheral.open({ ...sealed, covered: sealed.covered.map((byte) => byte ^ 4) })).toBe("wrong-mac");
    expect(peripheral.open(sealed)).toEqual({ code: 0x60, data: new Uint8Array(0) });
  });

  test("a replayed frame and a frame out of order do not verify", () => {
    const [panel, peripheral] = bothSides();
    const first = frameFrom(panel.seal(HEADER, { code: 0x60, data: new Uint8Array(0) }));
    expect(peripheral.open(first)).toMatchObject({ code: 0x60 });
    const reply = frameFrom(
      peripheral.seal({ ...HEADER, reply: true }, { code: 0x40, data: new Uint8Array(0) }),
    );
    expect(panel.open(reply)).toMatchObject({ code: 0x40 });
    expect(peripheral.open(first)).toBe("wrong-mac");
    const second = frameFrom(panel.seal({ ...HEADER, sequence: 3 }, { code: 0x60, data: new Uint8Array(0) }));
    expect(panel.open(reply)).toBe("wrong-mac");
    expect(peripheral.open(second)).toMatchObject({ code: 0x60 });
  });

  test("data enciphered without the 80 marker is refused though its MAC is right", () => {
    const [panel, peripheral] = bothSides();
    const broken = panel.seal(
      HEADER,
      { code: 0x6b, data: new Uint8Array(16) },
      { kind: "mac-only", blockType: 0x17 },
    );
    expect(peripheral.open(frameFrom(broken))).toBe("wrong-padding");
  });

  test("data sent readable under a MAC is taken as it is", () => {
    const [panel, peripheral] = bothSides();
    peripheral.open(frameFrom(panel.seal(HEADER, { code: 0x64, data: new Uint8Array(0) })));
    const status = peripheral.seal(
      { ...HEADER, reply: true },
      { code: 0x48, data: Uint8Array.of(1, 0) },
      {
        kind: "mac-only",
        blockType: 0x15,
      },
    );
    expect(panel.open(frameFrom(status))).toEqual({ code: 0x48, data: Uint8Array.of(1, 0) });
  });

  test("a plain frame is not secured, and a wiped session has no keys left", () => {
    const [panel] = bothSides();
    const keys = deriveSessionKeys(fromHex(vector.scbk), a);
    const session = makeSecureSession(keys, fromHex(vector.rMacI));
    session.wipe();
    expect(toHex(keys.sEnc) + toHex(keys.sMac1) + toHex(keys.sMac2)).toBe("00".repeat(48));
    expect(panel.open(frameFrom(fromHex("5385080004400e8f")))).toBe("not-secured");
  });
});
