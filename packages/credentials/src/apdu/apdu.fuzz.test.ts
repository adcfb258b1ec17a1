import fc from "fast-check";
import { expect, it } from "vitest";
import { CredentialError } from "../credential-error.ts";
import { encodeCommand, encodeResponse, parseCommand, parseResponse } from "./apdu.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 500);

function parsedOrMalformed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    expect(error).toBeInstanceOf(CredentialError);
    expect(error).toMatchObject({ code: "malformed" });
    return undefined;
  }
}

it("any bytes are a command that encodes to the same bytes, or malformed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const command = parsedOrMalformed(() => parseCommand(bytes));
      if (command !== undefined) expect(encodeCommand(command)).toEqual(bytes);
    }),
    { numRuns },
  );
});

it("any bytes are a response that encodes to the same bytes, or malformed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const response = parsedOrMalformed(() => parseResponse(bytes));
      if (response !== undefined) expect(encodeResponse(response)).toEqual(bytes);
    }),
    { numRuns },
  );
});
