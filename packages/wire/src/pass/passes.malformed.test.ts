import { describe, expect, it } from "vitest";
import { doorAnswer, doorChallenge, PASS_MAX_BYTES, phonePass, visitorPass, visitToken } from "./passes.ts";

const bytes = (lengthBytes: number) => new Uint8Array(lengthBytes).fill(7);
const whole = {
  phonePass: [
    phonePass,
    {
      version: 1,
      community: bytes(4),
      credential: bytes(16),
      doorGroup: 13,
      issuedAtS: 2 ** 32 - 1,
      nonce: bytes(4),
    },
  ],
  doorChallenge: [doorChallenge, { version: 1, community: bytes(4), challenge: bytes(5), door: bytes(5) }],
  doorAnswer: [doorAnswer, { version: 1, community: bytes(4), credential: bytes(16), challenge: bytes(5) }],
  visitorPass: [
    visitorPass,
    {
      version: 1,
      community: bytes(4),
      passId: bytes(8),
      purpose: "service",
      doors: Array.from({ length: 16 }, () => bytes(5)),
      notBeforeS: 0,
      notAfterS: 2 ** 32 - 1,
      weekdays: 127,
      windows: Array.from({ length: 4 }, () => ({ startMinute: 0, endMinute: 1440 })),
      uses: 255,
      delegate: bytes(16),
    },
  ],
  visitToken: [
    visitToken,
    {
      version: 1,
      community: bytes(4),
      keyId: bytes(8),
      serial: bytes(16),
      prefix: bytes(32),
      signature: bytes(512),
    },
  ],
} as const;

describe.each(Object.entries(whole))("%s", (_name, [codec, value]) => {
  const write = codec.encode as (input: object) => Uint8Array;
  const encoded = write(value);

  it("comes back as it was, at its largest", () => {
    expect(codec.decode(encoded)).toEqual(value);
    expect(encoded.length).toBeLessThanOrEqual(PASS_MAX_BYTES);
  });

  it("is refused cut, with bytes behind it, and too large", () => {
    for (let length = 0; length < encoded.length; length += 1) {
      expect(() => codec.decode(encoded.subarray(0, length))).toThrow(
        expect.objectContaining({ code: "malformed" }),
      );
    }
    expect(() => codec.decode(Uint8Array.of(...encoded, 0))).toThrow(
      expect.objectContaining({ code: "malformed" }),
    );
    expect(() => codec.decode(new Uint8Array(PASS_MAX_BYTES + 1))).toThrow(
      expect.objectContaining({ code: "too-large" }),
    );
  });

  it("is refused with a field missing or of another version", () => {
    for (const field of Object.keys(value)) {
      const { [field]: _left, ...rest } = value as Record<string, unknown>;
      const optional = ["weekdays", "windows", "uses", "delegate"].includes(field);
      if (optional) expect(codec.decode(write(rest))).toEqual(rest);
      else expect(() => write(rest)).toThrow(expect.objectContaining({ code: "invalid" }));
    }
    const future = encoded.slice();
    future[2] = 2;
    expect(() => codec.decode(future)).toThrow(expect.objectContaining({ code: "unknown-version" }));
  });
});
