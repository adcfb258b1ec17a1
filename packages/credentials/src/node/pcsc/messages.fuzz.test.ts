import fc from "fast-check";
import { expect, it } from "vitest";
import { CredentialError } from "../../credential-error.ts";
import { ANSWER_BYTES, parseReadersState } from "./messages.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);

it("any bytes of the right length are readers, or refused", () => {
  const scattered = fc.array(fc.tuple(fc.nat(ANSWER_BYTES.readersState - 1), fc.nat(255)), { maxLength: 60 });
  fc.assert(
    fc.property(scattered, fc.constantFrom(0x00, 0x41, 0xff), (bytes, filling) => {
      const answer = new Uint8Array(ANSWER_BYTES.readersState).fill(filling);
      for (const [offset, byte] of bytes) answer[offset] = byte;
      try {
        for (const reader of parseReadersState(answer)) {
          expect(reader.name.length).toBeGreaterThan(0);
          if (reader.atr !== undefined) expect(reader.atr.length).toBeLessThanOrEqual(33);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(CredentialError);
        expect(error).toMatchObject({ code: "pcsc-protocol" });
      }
    }),
    { numRuns },
  );
});
