import { concatBytes } from "@menshen/crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { CredentialError } from "../credential-error.ts";
import { ApduSocketDecoder, encodeApduSocketMessage } from "./apdu-socket-frame.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);

it("messages come out as they went in, however the stream was cut", () => {
  const messages = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 50 }), (sent, cuts) => {
      const stream = concatBytes(...sent.map(encodeApduSocketMessage));
      const decoder = new ApduSocketDecoder();
      const received: Uint8Array[] = [];
      let offset = 0;
      for (const cut of cuts) {
        received.push(...decoder.push(stream.subarray(offset, offset + cut)));
        offset += cut;
      }
      received.push(...decoder.push(stream.subarray(offset)));
      expect(received).toEqual(sent);
    }),
    { numRuns },
  );
});

it("any bytes are messages or malformed", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 10 }), (chunks) => {
      const decoder = new ApduSocketDecoder();
      try {
        for (const chunk of chunks) {
          for (const message of decoder.push(chunk)) expect(message.length).toBeGreaterThan(0);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(CredentialError);
        expect(error).toMatchObject({ code: "malformed" });
      }
    }),
    { numRuns },
  );
});
