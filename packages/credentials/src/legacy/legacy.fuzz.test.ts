import { primitives } from "@menshen/crypto/node";
import fc from "fast-check";
import { expect, it } from "vitest";
import { CredentialError } from "../credential-error.ts";
import { readOsdpFormatted, readOsdpRaw } from "./osdp-raw.ts";
import { bitStringOf, bitsOf, decodeWiegand, encodeWiegand } from "./wiegand.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 500);

it("any bit string is read, left alone or malformed; what is read writes the same bits", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1, max: 600 }), fc.uint8Array({ maxLength: 80 }), (bitCount, bytes) => {
      const frame = { bitCount, bytes };
      try {
        const reading = decodeWiegand(frame);
        if (reading.outcome === "read") expect(encodeWiegand(reading.number)).toEqual(frame);
        readOsdpRaw(primitives, { format: 1, bits: frame }, { readerAuthenticates: false });
      } catch (error) {
        expect(error).toBeInstanceOf(CredentialError);
        expect(error).toMatchObject({ code: "malformed" });
      }
    }),
    { numRuns },
  );
});

it("any characters are read or malformed", () => {
  fc.assert(
    fc.property(fc.nat({ max: 255 }), fc.uint8Array({ maxLength: 80 }), (direction, characters) => {
      try {
        const reading = readOsdpFormatted(
          primitives,
          { direction, characters },
          { readerAuthenticates: false },
        );
        expect(reading.identifier?.length).toBe(characters.length + 2);
      } catch (error) {
        expect(error).toMatchObject({ code: "malformed" });
        expect(characters.length === 0 || characters.length > 62).toBe(true);
      }
    }),
    { numRuns },
  );
});

it("frames of every format survive, whatever their bits", () => {
  const frames = fc
    .constantFrom(26, 34, 37)
    .chain((length) => fc.array(fc.constantFrom(0, 1), { minLength: length, maxLength: length }));
  fc.assert(
    fc.property(frames, (bits) => {
      const frame = bitStringOf(Uint8Array.from(bits));
      expect([...bitsOf(frame)]).toEqual(bits);
      const reading = decodeWiegand(frame);
      if (reading.outcome === "read") expect(encodeWiegand(reading.number)).toEqual(frame);
      else expect(reading.outcome).toBe("bad-parity");
    }),
    { numRuns },
  );
});
