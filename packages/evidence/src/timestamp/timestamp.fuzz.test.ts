import { makeTestAuthority } from "@menshen/testkit/time-stamping";
import fc from "fast-check";
import { expect, test } from "vitest";
import { certificateParts } from "./certificate-parts.ts";
import { der, derAt, derItems } from "./der.ts";
import { timestampRequest, verifyTimestamp } from "./timestamp.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
const DIGEST = new Uint8Array(32).fill(5);
const authority = makeTestAuthority("ec");
const answer = authority.answer(timestampRequest(DIGEST, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)));
authority.remove();
const good = await verifyTimestamp(answer, DIGEST, undefined);

test("any answer is a fault or the stamp that it is, never an exception", async () => {
  const near = fc
    .tuple(fc.nat(answer.length - 1), fc.uint8Array({ maxLength: 4 }), fc.nat(4))
    .map(([at, put, drop]) => Uint8Array.of(...answer.slice(0, at), ...put, ...answer.slice(at + drop)));
  await fc.assert(
    fc.asyncProperty(fc.oneof(near, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
      const verdict = await verifyTimestamp(bytes, DIGEST, undefined);
      if (verdict.stamped) expect({ ...verdict, signerSha256: "" }).toEqual({ ...good, signerSha256: "" });
    }),
    { numRuns },
  );
});

test("any bytes are a certificate's form or none; what DER writes it reads", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(30), (bytes, tag) => {
      certificateParts(bytes);
      derItems(bytes);
      const item = derAt(der(tag, bytes), 0);
      expect(item?.content).toEqual(bytes);
    }),
    { numRuns },
  );
});
