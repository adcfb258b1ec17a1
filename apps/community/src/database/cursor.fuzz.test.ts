import fc from "fast-check";
import { expect, test } from "vitest";
import { CommunityError } from "../errors.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 500);

test("any text is refused as a request, or is what a page gave", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json().map((json) => Buffer.from(json).toString("base64url")),
      ),
      (text) => {
        try {
          const keys = decodeCursor(text, ["string", "number"]);
          expect(decodeCursor(encodeCursor(keys), ["string", "number"])).toEqual(keys);
        } catch (error) {
          expect(error).toBeInstanceOf(CommunityError);
        }
      },
    ),
    { numRuns },
  );
});
