import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { cardFromProfile } from "./card-profile.ts";

const runs = Number(process.env.FUZZ_RUNS ?? 300);

/** Commands a card knows with bodies it does not expect, and anything else. */
const command = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(
      fc.constantFrom(0x00, 0x90, 0xff),
      fc.constantFrom(
        ...[0x5a, 0x60, 0x71, 0x77, 0xaf, 0x51, 0x64, 0x45, 0x6a, 0x6f, 0xf5, 0xf6, 0xf7, 0xbd, 0xad, 0x3d],
        ...[0x8d, 0xca, 0xcd, 0xce, 0xc4, 0xc7, 0xc8, 0xa7, 0xfc, 0x5f, 0xa4, 0xb0, 0xd6],
      ),
      fc.uint8Array({ maxLength: 60 }),
    )
    .map(([cla, ins, data]) =>
      data.length === 0
        ? Uint8Array.of(cla, ins, 0, 0, 0)
        : Uint8Array.of(cla, ins, 0, 0, data.length, ...data, 0),
    ),
);

test.each(["desfire", "ntag424", "uid"])("a %s answers every sequence of bytes with a status", (kind) => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
      const { card } = cardFromProfile({ kind, uid: "04112233445566" }, seededRandom("fuzz").bytes);
      card.transceive(Uint8Array.of(0x00, 0xa4, 0x04, 0x0c, 0x07, 0xd2, 0x76, 0, 0, 0x85, 0x01, 0x01, 0x00));
      for (const bytes of commands) expect(card.transceive(bytes).length).toBeGreaterThanOrEqual(2);
    }),
    { numRuns: runs },
  );
});
