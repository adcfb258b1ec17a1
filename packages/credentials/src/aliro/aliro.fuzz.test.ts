import fc from "fast-check";
import { expect, it } from "vitest";
import { openInProcessChannel } from "../channel/software-card.ts";
import { CredentialError } from "../credential-error.ts";
import { readTlvs } from "../tlv/ber-tlv.ts";
import { readAliro } from "./aliro-reader.ts";
import { credentialKey, documentIssuer, primitives, vectors } from "./aliro-vectors.testing.ts";
import { accessDocument, doorOptions, doorRequest, phone, time } from "./aliro-world.testing.ts";
import { parseAuth0, parseAuth0Answer } from "./auth0-message.ts";
import { parseAuth1, parseAuth1Answer } from "./auth1-message.ts";
import { parseBleAttributes, parseBleMessage } from "./ble-message.ts";
import { signatureFromDer } from "./der-signature.ts";
import { parseDeviceRequest } from "./document/device-request.ts";
import { encodeDeviceResponse, parseDeviceResponse } from "./document/issuer-signed.ts";
import { checkAccessDocument, checkRevocationDocument } from "./document/verify-document.ts";
import { readIssuerCertificate } from "./document/x509.ts";
import { parseEnvelope } from "./envelope-message.ts";
import { parseExchange, parseExchangeAnswer } from "./exchange-message.ts";
import { parseAnyCommand } from "./extended-apdu.ts";
import { parsePossession } from "./possession.ts";
import { encodeReaderCertificate, parseReaderCertificate } from "./reader-certificate.ts";
import { parseSelectAnswer } from "./select-message.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 150);
/** A dialogue costs a hundred times what a parser does. */
const dialogueRuns = Math.ceil(numRuns / 10);

const parsers: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  readTlvs,
  parseSelectAnswer,
  parseAuth0,
  parseAuth0Answer: (bytes) => parseAuth0Answer(bytes, true),
  parseAuth1,
  parseAuth1Answer,
  parseExchange,
  parseExchangeAnswer,
  parseEnvelope,
  parseAnyCommand,
  parseDeviceRequest,
  parseDeviceResponse,
  parsePossession,
  parseReaderCertificate,
  signatureFromDer,
  parseBleMessage,
  parseBleAttributes,
  readIssuerCertificate: (bytes) => readIssuerCertificate(primitives, bytes, documentIssuer.publicKey),
};

/** Bytes with some of a true message's structure left in them. */
function mutated(...seeds: readonly string[]) {
  const seed = fc.constantFrom(...seeds.map((hex) => Uint8Array.from(Buffer.from(hex, "hex"))));
  return fc
    .tuple(seed, fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 4 }), fc.nat(600))
    .map(([bytes, changes, cut]) => {
      const copy = bytes.slice(0, cut > bytes.length ? undefined : Math.max(1, bytes.length - (cut % 8)));
      for (const [offset, value] of changes) copy[offset % copy.length] = value;
      return copy;
    });
}

const messages = vectors.scenarios.flatMap(({ transcript }) =>
  transcript.flatMap(({ command, response }) => [command.slice(10), response.slice(0, -4)]),
);
const inputs = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  mutated(
    ...messages.filter((hex) => hex !== ""),
    vectors.access_document.device_response,
    ...vectors.official_certificate_vectors.cases.flatMap(({ compressed, x509_der }) => [
      compressed,
      x509_der,
    ]),
  ),
);

it.each(Object.entries(parsers))("%s reads any bytes or calls them malformed", (_name, parse) => {
  fc.assert(
    fc.property(inputs, (bytes) => {
      try {
        parse(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(CredentialError);
        expect(error).toMatchObject({ code: "malformed" });
      }
    }),
    { numRuns },
  );
});

it("a reader certificate has one encoding", () => {
  fc.assert(
    fc.property(inputs, (bytes) => {
      try {
        expect(encodeReaderCertificate(parseReaderCertificate(bytes))).toEqual(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: "malformed" });
      }
    }),
    { numRuns },
  );
});

it("a device answers any bytes with a status word, and tells who it is to nobody", async () => {
  const commands = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    mutated(...vectors.scenarios.flatMap(({ transcript }) => transcript.map(({ command }) => command))),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(commands, { maxLength: 6 }), async (sequence) => {
      const { device, statuses, kpersistents } = phone();
      for (const command of sequence) {
        const answer = await device.transceive(command);
        expect(answer.length).toBeGreaterThanOrEqual(2);
      }
      expect(kpersistents.size).toBe(0);
      expect(statuses).toEqual([]);
    }),
    { numRuns: dialogueRuns },
  );
});

it("one changed bit anywhere in a device's answers authenticates nobody", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.nat(4_000), async (step, bit) => {
      const { device } = phone();
      let count = 0;
      const channel = openInProcessChannel({
        ...device,
        async transceive(command) {
          const answer = (await device.transceive(command)).slice();
          count += 1;
          if (count === step) flip(answer, bit);
          return answer;
        },
      });
      const reading = await readAliro(channel, doorOptions());
      expect(reading.outcome).toBe("refused");
    }),
    { numRuns: dialogueRuns },
  );
});

function _flip(bytes: Uint8Array, bit: number): void {
  const offset = (bit >> 3) % bytes.length;
  bytes[offset] = (bytes[offset] ?? 0) ^ (1 << (bit & 7));
}

function flip(bytes: Uint8Array, bit: number): void {
  const offset = (bit >> 3) % bytes.length;
  bytes[offset] = (bytes[offset] ?? 0) ^ (1 << (bit & 7));
}

it("a changed document is refused with a reason", () => {
  const response = encodeDeviceResponse([accessDocument()]);
  fc.assert(
    fc.property(mutated(Buffer.from(response).toString("hex")), (bytes) => {
      const checked = checkAccessDocument({
        primitives,
        response: bytes,
        trust: { issuers: [documentIssuer.publicKey] },
        time,
        credential: credentialKey.publicKey,
        elementId: doorRequest[0]?.elements.keys().next().value ?? "",
        capability: 0x08,
      });
      if (Buffer.compare(bytes, response) !== 0) expect(checked.accepted).toBe(false);
      const trust = { issuers: [documentIssuer.publicKey] };
      expect(checkRevocationDocument({ primitives, response: bytes, trust, time }).accepted).toBe(false);
    }),
    { numRuns },
  );
});
