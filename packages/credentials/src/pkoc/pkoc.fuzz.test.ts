import * as primitives from "@menshen/crypto/node";
import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeResponse } from "../apdu/apdu.ts";
import { CredentialError } from "../credential-error.ts";
import { makePkocBleDevice } from "./ble-device.ts";
import { makePkocBleReader } from "./ble-reader.ts";
import { readPkocCertificate } from "./certificate.ts";
import { makePkocCard } from "./nfc-card.ts";
import { readPkocCard } from "./nfc-reader.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);
const key = primitives.p256Generate();
const other = primitives.p256Generate();

/** Anything, and things that look like what is expected. */
const objects = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        0x5c,
        0x5a,
        0x9e,
        0x4c,
        0x4d,
        0x01,
        0x02,
        0x03,
        0x04,
        0x07,
        0x0c,
        0x0d,
        0x0e,
        0x10,
        0x40,
      ),
      fc.uint8Array({ maxLength: 70 }),
    ),
    { maxLength: 5 },
  )
  .map((list) => Uint8Array.from(list.flatMap(([tag, value]) => [tag, value.length, ...value])));
const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), objects);

it("a reader takes any answers for another card, or refuses them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 8 }), async (answers) => {
      const channel = {
        kind: "in-process" as const,
        transceive: async () => encodeResponse({ data: answers.shift() ?? new Uint8Array(), sw: 0x9000 }),
        close: async () => {},
      };
      const reading = await readPkocCard(channel, {
        primitives,
        random: primitives.randomBytes,
        readerIdentifier: new Uint8Array(32),
      });
      expect(reading.outcome).toBe("refused");
    }),
    { numRuns },
  );
});

it("a card answers any commands with a status", () => {
  const command = fc
    .tuple(fc.constantFrom(0x00, 0x80), fc.constantFrom(0xa4, 0xca, 0x88, 0x80, 0xc0), bytes)
    .map(([cla, ins, data]) => Uint8Array.of(cla, ins, 0, 1, data.length & 0xff, ...data));
  fc.assert(
    fc.property(fc.array(fc.oneof(command, bytes), { maxLength: 10 }), (commands) => {
      const card = makePkocCard({ primitives, key, certificate: new Uint8Array(40) });
      void card.transceive(
        Uint8Array.of(0x00, 0xa4, 0x04, 0x00, 0x08, 0xa0, 0, 0, 0x08, 0x98, 0, 0, 0x01, 0x00),
      );
      for (const bytesIn of commands) {
        expect((card.transceive(bytesIn) as Uint8Array).length).toBeGreaterThanOrEqual(2);
      }
    }),
    { numRuns },
  );
});

it("a certificate is read or malformed", () => {
  fc.assert(
    fc.property(bytes, (input) => {
      try {
        readPkocCertificate(input);
      } catch (error) {
        expect(error).toBeInstanceOf(CredentialError);
        expect(error).toMatchObject({ code: "malformed" });
      }
    }),
    { numRuns },
  );
});

it("neither side of the BLE flow is carried to its end by made-up messages", () => {
  const siteId = new Uint8Array(16);
  const locationId = new Uint8Array(16);
  fc.assert(
    fc.property(fc.array(bytes, { minLength: 1, maxLength: 4 }), (messages) => {
      const reader = makePkocBleReader({
        primitives,
        siteId,
        locationId,
        signingKey: other.secretKey,
        ephemeral: other,
      });
      const device = makePkocBleDevice({
        primitives,
        credential: key,
        ephemeral: other,
        lastUpdateS: 0,
        nowS: 0,
        trustFor: () => ({ siteKey: other.publicKey }),
      });
      for (const message of messages) {
        expect(reader.receive(message).outcome).not.toBe("authentic");
        expect(device.receive(message).outcome).not.toBe("finished");
      }
    }),
    { numRuns },
  );
});
