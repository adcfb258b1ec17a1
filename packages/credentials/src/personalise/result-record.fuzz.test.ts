import fc from "fast-check";
import { expect, it } from "vitest";
import { CredentialError } from "../credential-error.ts";
import { encodePersonalisationRecord, parsePersonalisationRecord } from "./result-record.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 500);

it("any bytes are a record in its one encoding, or malformed", () => {
  const head = fc.constantFrom([0xa9, 0x00, 0x01, 0x01, 0x50], [0xa9], []);
  const input = fc.tuple(head, fc.uint8Array({ maxLength: 60 }));
  fc.assert(
    fc.property(input, ([start, rest]) => {
      const bytes = Uint8Array.of(...start, ...rest);
      try {
        expect(encodePersonalisationRecord(parsePersonalisationRecord(bytes))).toEqual(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(CredentialError);
        expect(error).toMatchObject({ code: "malformed" });
      }
    }),
    { numRuns },
  );
});
