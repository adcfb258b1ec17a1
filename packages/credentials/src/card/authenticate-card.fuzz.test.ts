import { fromHex, primitives } from "@menshen/crypto";
import { blankDesfire, makeDesfireCard, personaliseCard } from "@menshen/virtual-devices";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { CardChannel } from "../channel/card-channel.ts";
import { openInProcessChannel } from "../channel/software-card.ts";
import { authenticateCard } from "./authenticate-card.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);
const uid = fromHex("04112233445566");
const key = fromHex("000102030405060708090a0b0c0d0e0f");
const options = {
  primitives,
  doorGroup: 1,
  random: primitives.randomBytes,
  keyFor: () => ({ number: 1, keyVersion: 0, key }),
};

const channelOf = (responses: readonly Uint8Array[]): CardChannel => {
  let index = 0;
  return {
    kind: "pcsc",
    transceive: async () => responses[index++] ?? fromHex("6f00"),
    close: async () => {},
  };
};

it("no sequence of responses is more than a constant, and none throws", async () => {
  const status = fc.constantFrom("9000", "9100", "91af", "91ae", "6a82", "6d00").map(fromHex);
  const response = fc
    .tuple(fc.uint8Array({ maxLength: 64 }), fc.option(status))
    .map(([data, sw]) => (sw === null ? data : Uint8Array.from([...data, ...sw])));
  await fc.assert(
    fc.asyncProperty(fc.array(response, { maxLength: 12 }), async (responses) => {
      const reading = await authenticateCard(channelOf(responses), options);
      if (reading.outcome === "presented") expect(reading.presentation.grade).toBe("E");
    }),
    { numRuns },
  );
});

it("a true card whose answers are changed on the way is never more than a constant", async () => {
  const card = makeDesfireCard(blankDesfire(uid), primitives.randomBytes);
  const keys = [{ number: 1, version: 1, value: key }];
  await personaliseCard(openInProcessChannel(card), { kind: "desfire", uid, keys });
  const change = fc.record({
    exchange: fc.integer({ min: 3, max: 6 }),
    offset: fc.nat(60),
    mask: fc.integer({ min: 1, max: 255 }),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ exchange, offset, mask }) => {
      const inner = openInProcessChannel(card);
      let count = 0;
      let changed = false;
      const channel: CardChannel = {
        ...inner,
        async transceive(command) {
          const response = (await inner.transceive(command)).slice();
          if (count === exchange && offset < response.length) {
            response[offset] = (response[offset] ?? 0) ^ mask;
            changed = true;
          }
          count += 1;
          return response;
        },
      };
      const reading = await authenticateCard(channel, options);
      if (reading.outcome === "presented") expect(reading.presentation.grade).toBe(changed ? "E" : "B");
    }),
    { numRuns },
  );
});
