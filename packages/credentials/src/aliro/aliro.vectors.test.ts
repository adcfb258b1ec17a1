import { concatBytes, toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import { ReaderStatus } from "./aliro-codes.ts";
import type { AliroReaderOptions } from "./aliro-reader.ts";
import { readAliro } from "./aliro-reader.ts";
import {
  credentialKey,
  ephemerals,
  given,
  hex,
  identity,
  primitives,
  readerIdentifier,
  readerIssuer,
  readerKey,
  transcriptChannel,
  vectorDevice,
  vectors,
} from "./aliro-vectors.testing.ts";
import { encodeDeviceRequest, parseDeviceRequest } from "./document/device-request.ts";
import { arrayOf, mapOf, readCbor, writeCbor } from "./document/document-cbor.ts";
import {
  type AliroTransaction,
  deriveBleKeys,
  deriveCryptogramKey,
  deriveFastKeys,
  deriveKdh,
  deriveKpersistent,
  deriveStandardKeys,
  deriveStepUpKeys,
  deviceSignatureInput,
  infoOf,
  keySlotOf,
  readerSignatureInput,
  saltOf,
} from "./key-derivation.ts";
import { AliroChannel } from "./secure-channel.ts";

const { common, scenarios, official_actuator_vector: official } = vectors;
const BLE_VERSIONS = hex("01000100");

type Scenario = (typeof scenarios)[number];
const named = scenarios.map((scenario) => [scenario.name, scenario] as const);

function transactionOf(scenario: Scenario): AliroTransaction {
  return {
    groupKey:
      "reader_group_identifier_key" in scenario
        ? hex(scenario.reader_group_identifier_key)
        : readerKey.publicKey,
    readerIdentifier,
    interfaceByte: 0x5e,
    version: 0x0100,
    readerEphemeral: hex(scenario.reader_ephemeral_public),
    deviceEphemeral: hex(scenario.device_ephemeral_public),
    transactionId: hex(scenario.transaction_id),
    flags: hex(scenario.flag),
    proprietary: hex(common.proprietary_a5_tlv),
    ...(scenario.name === "standard-vendor-extension" ? { readerVendor: hex("b103a5a5a5") } : {}),
  };
}

/** The derived values of a standard transaction, wherever the vector keeps them. */
function standardOf(scenario: Scenario): Readonly<Record<string, string>> | undefined {
  const derived: object = scenario.derived;
  if ("standard" in derived) return derived.standard as Readonly<Record<string, string>>;
  return "kdh" in derived ? (derived as Readonly<Record<string, string>>) : undefined;
}

function fastOf(scenario: Scenario): Readonly<Record<string, string>> | undefined {
  const derived: object = scenario.derived;
  if ("fast_tried" in derived) return derived.fast_tried as Readonly<Record<string, string>>;
  return "fast_okm" in derived ? (derived as Readonly<Record<string, string>>) : undefined;
}

it("the official actuator's transaction is derived, signed and opened as it says", () => {
  const pair = (secret: string) => primitives.p256FromSecret(hex(secret));
  const [reader, credential] = [pair(official.reader_private), pair(official.credential_private)];
  const [readerEphemeral, deviceEphemeral] = [
    pair(official.reader_ephemeral_private),
    pair(official.device_ephemeral_private),
  ];
  const transaction: AliroTransaction = {
    groupKey: reader.publicKey,
    readerIdentifier: hex(official.reader_identifier),
    interfaceByte: 0x5e,
    version: 0x0100,
    readerEphemeral: readerEphemeral.publicKey,
    deviceEphemeral: deviceEphemeral.publicKey,
    transactionId: hex(official.transaction_id),
    flags: hex(official.flag),
    proprietary: hex(official.a5),
  };
  expect(toHex(saltOf(transaction, "Volatile****"))).toBe(official.salt);
  const agreed = hex(
    toHex(primitives.p256Agree(readerEphemeral.secretKey, deviceEphemeral.publicKey) ?? new Uint8Array()),
  );
  const kdh = deriveKdh(primitives, agreed, transaction.transactionId);
  expect(toHex(kdh)).toBe(official.kdh);
  const { exchange } = deriveStandardKeys(primitives, kdh, transaction);
  expect(toHex(exchange.reader)).toBe(official.exchange_sk_reader);
  expect(toHex(exchange.device)).toBe(official.exchange_sk_device);
  const { p256Verify } = primitives;
  expect(
    p256Verify(reader.publicKey, readerSignatureInput(transaction), hex(official.reader_signature)),
  ).toBe(true);
  expect(
    p256Verify(credential.publicKey, deviceSignatureInput(transaction), hex(official.device_signature)),
  ).toBe(true);
  const channel = new AliroChannel(primitives, "reader", exchange);
  expect(toHex(channel.open(hex(official.auth1_response)))).toBe(official.auth1_plaintext);
});

it("a key slot is the beginning of the key's hash", () => {
  expect(toHex(keySlotOf(primitives, credentialKey.publicKey))).toBe(common.credential_key_slot);
});

it.each(named.filter(([, scenario]) => standardOf(scenario) !== undefined))(
  "standard keys of %s",
  (_name, scenario) => {
    const transaction = transactionOf(scenario);
    const expected = standardOf(scenario) ?? {};
    const agreed = primitives.p256Agree(hex(scenario.reader_ephemeral_private), transaction.deviceEphemeral);
    expect(toHex(agreed ?? new Uint8Array())).toBe(expected.ecdh_x);
    const kdh = deriveKdh(primitives, agreed ?? new Uint8Array(), transaction.transactionId);
    expect(toHex(kdh)).toBe(expected.kdh);
    expect(toHex(saltOf(transaction, "Volatile****"))).toBe(expected.salt_volatile);
    expect(toHex(saltOf(transaction, "Persistent**", credentialKey.publicKey))).toBe(
      expected.salt_persistent,
    );
    expect(toHex(infoOf(transaction))).toBe(expected.info);
    const keys = deriveStandardKeys(primitives, kdh, transaction);
    const okm = concatBytes(keys.exchange.reader, keys.exchange.device, keys.stepUp, keys.ble, keys.ursk);
    expect(toHex(okm)).toBe(expected.volatile_okm);
    const stepUp = deriveStepUpKeys(primitives, keys.stepUp);
    expect(toHex(stepUp.reader)).toBe(expected.stepup_sk_reader);
    expect(toHex(stepUp.device)).toBe(expected.stepup_sk_device);
    const ble = deriveBleKeys(primitives, keys.ble, BLE_VERSIONS);
    expect(toHex(ble.reader)).toBe(expected.ble_sk_reader_salt_01000100);
    expect(toHex(ble.device)).toBe(expected.ble_sk_device_salt_01000100);
    const kpersistent = deriveKpersistent(primitives, kdh, transaction, credentialKey.publicKey);
    expect(toHex(kpersistent)).toBe(expected.kpersistent);
  },
);

it.each(named.filter(([, scenario]) => fastOf(scenario) !== undefined))(
  "fast keys of %s",
  (_name, scenario) => {
    const transaction = transactionOf(scenario);
    const expected = fastOf(scenario) ?? {};
    const { publicKey } = credentialKey;
    expect(toHex(saltOf(transaction, "VolatileFast", publicKey))).toBe(expected.salt_fast);
    const keys = deriveFastKeys(primitives, hex(expected.kpersistent), transaction, publicKey);
    const { cryptogram, exchange, ble, ursk } = keys;
    expect(deriveCryptogramKey(primitives, hex(expected.kpersistent), transaction, publicKey)).toEqual(
      cryptogram,
    );
    expect(toHex(concatBytes(cryptogram, exchange.reader, exchange.device, ble, ursk))).toBe(
      expected.fast_okm,
    );
  },
);

/** Commands and answers of a scenario. */
function stepsOf(scenario: Scenario): readonly { readonly command: string; readonly response: string }[] {
  return scenario.transcript.map(({ command, response }) => ({ command, response }));
}

function deviceOf(scenario: Scenario) {
  const isFastHit = scenario.name.startsWith("fast-success");
  const random = given(...(!isFastHit && "cryptogram" in scenario ? [hex(scenario.cryptogram)] : []));
  const base = { ephemeral: ephemerals(scenario.device_ephemeral_private), random };
  const groupKey = toHex(transactionOf(scenario).groupKey);
  const built = vectorDevice(groupKey, {
    ...base,
    documents: scenario.name.startsWith("step-up") ? [accessDocument()] : [],
    // The device that the vectors were taken from leaves room in its answers.
    answerPartBytes: 240,
    ...(scenario.name === "fast-success" ? { signaling: 0 } : {}),
    ...(scenario.name === "fast-success-with-bitmap-and-timestamp"
      ? { signaling: 0x31, times: { access: "2026-01-01T00:00:00Z" } }
      : {}),
  });
  if (isFastHit) built.kpersistents.set(common.reader_identifier, hex(fastOf(scenario)?.kpersistent));
  return built;
}

/** The access document of the vectors, as a device keeps it. */
function accessDocument(): Uint8Array {
  const response = mapOf(readCbor(hex(vectors.access_document.device_response)), "device response");
  return writeCbor(arrayOf(response.get("2"), "documents", 1)[0]);
}

function readerOptions(scenario: Scenario): AliroReaderOptions {
  const { name } = scenario;
  const fast = fastOf(scenario);
  const certificate =
    "certificate" in scenario && scenario.certificate !== undefined
      ? {
          certificate: {
            bytes: hex(scenario.certificate.compressed),
            issuerPublicKey: readerIssuer.publicKey,
            sentIn: name === "standard-load-cert" ? ("load-cert" as const) : ("auth1" as const),
          },
        }
      : {};
  return {
    primitives,
    identity: { ...identity, ...certificate },
    ephemeral: ephemerals(scenario.reader_ephemeral_private),
    random: given(hex(scenario.transaction_id)),
    accepts: (publicKey) => toHex(publicKey) === common.credential_public,
    ...(fast === undefined
      ? {}
      : { known: [{ publicKey: credentialKey.publicKey, kpersistent: hex(fast.kpersistent) }] }),
    ...(name === "standard-key-slot"
      ? {
          byKeySlot: (slot: Uint8Array) =>
            toHex(slot) === common.credential_key_slot ? credentialKey.publicKey : undefined,
        }
      : {}),
    ...(name === "standard-vendor-extension" ? { vendor: hex("b103a5a5a5") } : {}),
    ...(name === "standard-cert-in-auth1-chained" ? { chunkBytes: 200 } : {}),
    ...(name === "step-up-with-select" ? { selectsStepUp: true } : {}),
  };
}

describe.each(named)("%s", (name, scenario) => {
  it("as a device: every answer is the same bytes", async () => {
    const { device, kpersistents } = deviceOf(scenario);
    for (const { command, response } of stepsOf(scenario)) {
      expect(toHex(await device.transceive(hex(command)))).toBe(response);
    }
    const kept = kpersistents.get(common.reader_identifier);
    expect(kept === undefined ? undefined : toHex(kept)).toBe(
      (standardOf(scenario) ?? fastOf(scenario))?.kpersistent,
    );
  });

  it("as a reader: every command is the same bytes", async () => {
    const channel = transcriptChannel(stepsOf(scenario));
    const reading = await readAliro(channel, readerOptions(scenario));
    if (reading.outcome !== "authenticated") throw new Error(`refused: ${reading.reason}`);
    const { session } = reading;
    expect(toHex(session.publicKey)).toBe(common.credential_public);
    expect(session.method).toBe(name.startsWith("fast-success") ? "fast" : "standard");
    const kept = session.kpersistent;
    expect(kept === undefined ? undefined : toHex(kept)).toBe(standardOf(scenario)?.kpersistent);
    if ("device_request_cbor" in scenario) {
      const requests = parseDeviceRequest(hex(scenario.device_request_cbor)) ?? [];
      expect(toHex(encodeDeviceRequest(requests))).toBe(scenario.device_request_cbor);
      expect(toHex(await session.requestDocuments(requests))).toBe(scenario.device_response_cbor);
    }
    const status = name === "standard-status-denied" ? ReaderStatus.denied : ReaderStatus.unsecured;
    expect(await session.finish(status)).toBe(true);
    expect(channel.left()).toBe(0);
  });
});
