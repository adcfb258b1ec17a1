import { concatBytes } from "@menshen/crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { CredentialError } from "../credential-error.ts";
import { encodeTlv, readTlvs } from "./ber-tlv.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 500);

it.each(["interindustry", "one-byte"] as const)(
  "any bytes are the %s objects they encode to, or malformed",
  (form) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          const objects = readTlvs(bytes, form);
          expect(concatBytes(...objects.map(({ tag, value }) => encodeTlv(tag, value)))).toEqual(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CredentialError);
          expect(error).toMatchObject({ code: "malformed" });
        }
      }),
      { numRuns },
    );
  },
);
