import fc from "fast-check";
import { expect, it } from "vitest";
import { OsdpError } from "../osdp-error.ts";
import { decodePkocMessage, encodePkocMessage, makePkocAssembler } from "./pkoc.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 500);
const object = fc
  .tuple(
    fc.constantFrom(0x4c, 0x4d, 0x5a, 0x5c, 0x9e, 0xfb, 0xfc, 0xfd, 0x77),
    fc
      .constantFrom(0, 1, 2, 16, 32, 64, 65)
      .chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
  )
  .map(([tag, value]) =>
    tag >= 0xfb && tag !== 0xfc ? [tag, ...value.slice(0, 1)] : [tag, value.length, ...value],
  );
const message = fc
  .tuple(fc.constantFrom(0xe0, 0xe1, 0xe2, 0xe3, 0xe4, 0xfe), fc.array(object, { maxLength: 5 }))
  .map(([code, objects]) => Uint8Array.from([code, ...(code === 0xe1 ? [0, 1] : []), ...objects.flat()]));
const bytes = fc.oneof(fc.uint8Array({ maxLength: 250 }), message);

it("any bytes are a message that means the same when it is written again, or malformed", () => {
  fc.assert(
    fc.property(bytes, (data) => {
      try {
        const read = decodePkocMessage(data);
        expect(decodePkocMessage(encodePkocMessage(read))).toEqual(read);
      } catch (error) {
        expect(error).toBeInstanceOf(OsdpError);
        expect(error).toMatchObject({ code: "malformed-message" });
      }
    }),
    { numRuns },
  );
});

it("any parts are put together or malformed", () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 6 }), (parts) => {
      const assembler = makePkocAssembler();
      for (const part of parts) {
        try {
          assembler.push(part);
        } catch (error) {
          expect(error).toMatchObject({ code: "malformed-message" });
        }
      }
    }),
    { numRuns },
  );
});
