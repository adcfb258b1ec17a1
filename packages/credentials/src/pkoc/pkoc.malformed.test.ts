import * as primitives from "@menshen/crypto/node";
import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import flows from "../../vectors/pkoc-flows.json" with { type: "json" };
import { scriptedChannel } from "../channel/scripted-channel.testing.ts";
import { openInProcessChannel, type SoftwareCard } from "../channel/software-card.ts";
import { CredentialError } from "../credential-error.ts";
import { makePkocBleDevice } from "./ble-device.ts";
import { encodeReaderHello, readReaderHello, readReaderOutcome } from "./ble-messages.ts";
import { makePkocBleReader } from "./ble-reader.ts";
import { issuePkocCertificate, readPkocCertificate } from "./certificate.ts";
import { makePkocCard } from "./nfc-card.ts";
import {
  isPkocV2Information,
  readPkocAuthenticate,
  readPkocProof,
  readPkocVersions,
} from "./nfc-messages.ts";
import { readPkocCard } from "./nfc-reader.ts";
import { pkocCredentialOf, pkocDerivedIdentifier } from "./pkoc-credential.ts";
import { checkPkocReaderCertificate, issuePkocReaderCertificate } from "./reader-certificate.ts";

const { nfc_se_v1: v1, nfc_se_v2: v2, ble_ecdhe: ble, ble_ecdhe_reader_certificate: bleCert, keys } = flows;
const malformed = expect.objectContaining({ code: "malformed" });
const badArgument = expect.objectContaining({ code: "bad-argument" });
const point = keys.credential_public;

it.each([
  ["versions, none", () => readPkocVersions(fromHex("5c00"))],
  ["versions, one and a half", () => readPkocVersions(fromHex("5c03010002"))],
  ["versions, missing", () => readPkocVersions(fromHex("5d020100"))],
  ["information without version", () => isPkocV2Information(fromHex("7f6300"))],
  ["information cut", () => isPkocV2Information(fromHex("7f63045c0202"))],
  [
    "a proof with a compressed key",
    () => readPkocProof(fromHex(`5a2102${"11".repeat(32)}9e40${"22".repeat(64)}`)),
  ],
  ["a proof with a short signature", () => readPkocProof(fromHex(`5a41${point}9e3f${"22".repeat(63)}`))],
  ["a proof with two keys", () => readPkocProof(fromHex(`5a41${point}5a41${point}9e40${"22".repeat(64)}`))],
  ["a request with a short nonce", () => readPkocAuthenticate(fromHex(`5c0201004c0f${"11".repeat(15)}`))],
  ["an outcome that is none", () => readReaderOutcome(fromHex("040109"))],
  ["an outcome of two bytes", () => readReaderOutcome(fromHex("04020303"))],
  ["a hello above 1,024 bytes", () => readReaderHello(new Uint8Array(1_025))],
])("%s: malformed", (_name, read) => {
  expect(read).toThrow(malformed);
});

describe("a card's certificate", () => {
  const edited = (from: string, to: string) => v2.cvc.replace(from, to);
  it.each([
    ["nothing", ""],
    ["cut", v2.cvc.slice(0, -2)],
    ["with a byte behind it", `${v2.cvc}00`],
    ["without signature", edited(`5f3740${v2.cvc_signature}`, "").replace("7f2181d2", "7f21818f")],
    ["on another curve", edited("2a8648ce3d030107", "2a8648ce3d030108")],
    ["with a month of 13", edited("5f2506020600010001", "5f2506020601030001")],
    ["with 30 February", edited("5f2506020600010001", "5f2506020600020300")],
    ["with a date of hexadecimal digits", edited("5f2506020600010001", "5f25060206000f0001")],
    ["with a reference of control characters", edited("4210434e53", "4210000e53")],
    ["with two profiles", edited("5f290100", "5f2900").replace("7f2181d2", "7f2181d1")],
  ])("%s: malformed", (_name, hex) => {
    expect(hex).not.toBe(v2.cvc);
    expect(() => readPkocCertificate(fromHex(hex))).toThrow(malformed);
  });

  it("is not issued out of form", () => {
    const fields = {
      profile: 0,
      issuer: v2.iir,
      subject: v2.subject_reference,
      publicKey: fromHex(point),
      validFrom: "2026-01-01",
      validUntil: "2030-12-31",
    };
    const secret = fromHex(keys.cvc_issuer_private);
    for (const change of [
      { profile: 1 },
      { issuer: "too short" },
      { subject: "lower case no no" },
      { publicKey: new Uint8Array(65) },
      { validUntil: "2025-12-31" },
      { validUntil: "2130-12-31" },
    ]) {
      expect(() => issuePkocCertificate(primitives, secret, { ...fields, ...change })).toThrow(badArgument);
    }
  });
});

describe("a reader's certificate", () => {
  const certificate = fromHex(bleCert.reader_certificate);
  const expected = {
    locationId: fromHex(ble.reader_location_id),
    siteId: fromHex(ble.site_id),
    issuerKey: fromHex(keys.site_issuer_public),
    nowS: 1_800_000_000,
  };
  const check = (bytes: Uint8Array, change: Partial<typeof expected> = {}) =>
    checkPkocReaderCertificate(primitives, bytes, { ...expected, ...change });
  const issued = (notBeforeS: number, notAfterS: number, publicKey = fromHex(keys.site_key_public)) =>
    issuePkocReaderCertificate(primitives, fromHex(keys.site_issuer_private), {
      ...expected,
      notBeforeS,
      notAfterS,
      publicKey,
    });

  it("is refused for each thing that is wrong with it", () => {
    expect(check(certificate)).toHaveProperty("publicKey");
    expect(check(certificate.subarray(1))).toEqual({ refusal: "reader-certificate-malformed" });
    const version2 = certificate.slice();
    version2[0] = 2;
    expect(check(version2)).toEqual({ refusal: "reader-certificate-malformed" });
    expect(check(certificate, { siteId: new Uint8Array(16) })).toEqual({
      refusal: "reader-certificate-other-reader",
    });
    const changed = certificate.slice();
    changed[50] = (changed[50] ?? 0) ^ 1;
    expect(check(changed)).toEqual({ refusal: "reader-certificate-signature" });
    expect(check(issued(1_800_000_001, 1_900_000_000))).toEqual({
      refusal: "reader-certificate-outside-validity",
    });
    expect(check(issued(0, 1_799_999_999))).toEqual({ refusal: "reader-certificate-outside-validity" });
    expect(check(issued(1_800_000_000, 1_800_000_000))).toHaveProperty("publicKey");
    expect(check(issued(0, 0xffff_ffff, fromHex(`04${"00".repeat(31)}01${"00".repeat(32)}`)))).toEqual({
      refusal: "reader-certificate-malformed",
    });
    expect(() => issued(2, 1)).toThrow(badArgument);
  });
});

describe("identifiers", () => {
  it("have their lengths", () => {
    expect(() => pkocCredentialOf(new Uint8Array(65))).toThrow(badArgument);
    expect(() => pkocCredentialOf(fromHex(point).subarray(0, 64))).toThrow(badArgument);
    const credential = pkocCredentialOf(fromHex(point));
    for (const lengthBytes of [7, 32, Number.NaN]) {
      expect(() => pkocDerivedIdentifier(credential, lengthBytes)).toThrow(badArgument);
    }
    expect(() => pkocDerivedIdentifier(credential, 3, { validated: true })).toThrow(badArgument);
    expect(() => pkocDerivedIdentifier(new Uint8Array(31), 8)).toThrow(badArgument);
  });
});

describe("an NFC card that answers out of form", () => {
  const answers = {
    [v1.select_command]: v1.select_response,
    [v1.auth_command]: v1.auth_response,
  };
  const read = (change: Record<string, string>) =>
    readPkocCard(scriptedChannel({ ...answers, ...change }), {
      primitives,
      random: () => fromHex(v1.transaction_id),
      readerIdentifier: fromHex(v1.reader_identifier),
    });
  const off = `04${"11".repeat(64)}`;

  it.each([
    ["an empty SELECT answer", { [v1.select_command]: "9000" }],
    ["only a version from the future", { [v1.select_command]: "5c0203009000" }],
    ["a refusal to authenticate", { [v1.auth_command]: "6985" }],
    ["an information object that is cut", { [v2.info_command]: "7f63045c02029000" }],
    ["V2 without certificate", { [v2.info_command]: v2.info_response, [v2.cvc_command]: "6a88" }],
    ["a certificate without end", { [v2.info_command]: v2.info_response, [v2.cvc_command]: "0061ff" }],
  ])("%s is a protocol error", async (_name, change) => {
    expect(await read(change)).toEqual({ outcome: "refused", reason: "protocol-error" });
  });

  it("a chain of answers without end stops", async () => {
    const change = {
      [v2.info_command]: v2.info_response,
      [v2.cvc_command]: `${"00".repeat(250)}61fa`,
      "00c00000fa": `${"00".repeat(250)}61fa`,
    };
    expect(await read(change)).toEqual({ outcome: "refused", reason: "protocol-error" });
  });

  it("a key that is no point proves nothing", async () => {
    const response = v1.auth_response.replace(point, off);
    expect(await read({ [v1.auth_command]: response })).toEqual({ outcome: "refused", reason: "wrong-key" });
  });
});

describe("torn from the field", () => {
  const key = primitives.p256FromSecret(fromHex(keys.credential_private));
  const options = {
    primitives,
    random: primitives.randomBytes,
    readerIdentifier: fromHex(v1.reader_identifier),
  };
  const cards: readonly [string, number, () => SoftwareCard][] = [
    ["SE V1", 3, () => makePkocCard({ primitives, key })],
    ["SE V2", 4, () => makePkocCard({ primitives, key, certificate: fromHex(v2.cvc) })],
  ];

  it.each(cards)(
    "an %s card is removed at each of its %i steps, and grants nothing",
    async (_n, steps, make) => {
      for (let step = 0; step <= steps; step += 1) {
        const channel = openInProcessChannel(make());
        let sent = 0;
        const torn = {
          ...channel,
          transceive(command: Uint8Array) {
            if (sent === step) channel.remove();
            sent += 1;
            return channel.transceive(command);
          },
        };
        const reading = readPkocCard(torn, options);
        if (step === steps)
          expect(await reading).toMatchObject({ outcome: "authentic", publicKey: key.publicKey });
        else await expect(reading).rejects.toMatchObject({ code: "card-removed" });
        expect(sent).toBe(Math.min(step + 1, steps));
      }
    },
  );

  it("a card forgets its selection when it is put back", () => {
    const card = makePkocCard({ primitives, key, certificate: fromHex(v2.cvc) });
    void card.transceive(fromHex(v1.select_command));
    card.reset();
    for (const command of [v1.auth_command, v2.cvc_command, v2.internal_authenticate_command]) {
      expect(card.transceive(fromHex(command))).toEqual(fromHex("6985"));
    }
  });

  it("a long certificate comes in parts, and only when it was asked for", async () => {
    const certificate = Uint8Array.from({ length: 700 }, (_, i) => i & 0xff);
    const card = makePkocCard({ primitives, key, certificate });
    const send = (hex: string) => toHex(Uint8Array.from(card.transceive(fromHex(hex)) as Uint8Array));
    send(v1.select_command);
    expect(send("00c0000000")).toBe("6985");
    expect(send(v2.cvc_command)).toBe(`${toHex(certificate.subarray(0, 256))}6100`);
    expect(send("00c0000000")).toBe(`${toHex(certificate.subarray(256, 512))}61bc`);
    expect(send("00c00000bc")).toBe(`${toHex(certificate.subarray(512))}9000`);
    expect(send("00c0000000")).toBe("6985");
  });
});

describe("the BLE flow out of order", () => {
  const ephemeral = () => primitives.p256Generate();
  const gate = () =>
    makePkocBleReader({
      primitives,
      siteId: fromHex(ble.site_id),
      locationId: fromHex(ble.reader_location_id),
      signingKey: fromHex(keys.site_key_private),
      ephemeral: ephemeral(),
    });
  const phone = () =>
    makePkocBleDevice({
      primitives,
      credential: primitives.p256FromSecret(fromHex(keys.credential_private)),
      ephemeral: ephemeral(),
      lastUpdateS: 0,
      nowS: 0,
      trustFor: () => ({ siteKey: fromHex(keys.site_key_public) }),
    });

  it("ends the connection for good, whatever comes behind", () => {
    for (const first of [ble.message4_device, ble.message1_reader, "", "07", "40ff"]) {
      const reader = gate();
      expect(reader.receive(fromHex(first))).toMatchObject({ outcome: "refused", reason: "malformed" });
      expect(reader.receive(fromHex(ble.message2_device))).toMatchObject({ reason: "out-of-order" });
    }
    for (const first of [ble.message3_reader, ble.message5_reader_granted, "", "0c"]) {
      const device = phone();
      expect(device.receive(fromHex(first))).toEqual({ outcome: "stopped", reason: "malformed" });
      expect(device.receive(fromHex(ble.message1_reader))).toEqual({
        outcome: "stopped",
        reason: "out-of-order",
      });
    }
  });

  it("a recorded credential opens at no other connection", () => {
    const reader = gate();
    expect(reader.receive(fromHex(ble.message2_device))).toMatchObject({ outcome: "send" });
    expect(reader.receive(fromHex(ble.message4_device))).toMatchObject({
      outcome: "refused",
      reason: "sealed",
    });
  });

  it("keys off the curve and versions without CCM are refused", () => {
    const noCcm = "0300000002";
    const offCurve = `0741${`04${"11".repeat(64)}`}0c05${ble.protocol_version}`;
    expect(gate().receive(fromHex(offCurve))).toMatchObject({ reason: "ephemeral-key" });
    const other = ble.message2_device.replace(ble.protocol_version, noCcm);
    expect(gate().receive(fromHex(other))).toMatchObject({ reason: "version" });
    const hello = readReaderHello(fromHex(ble.message1_reader));
    expect(phone().receive(encodeReaderHello({ ...hello, version: fromHex(noCcm) }))).toMatchObject({
      reason: "version",
    });
    const noPoint = { ...hello, ephemeralKey: fromHex(`02${"00".repeat(31)}01`) };
    expect(phone().receive(encodeReaderHello(noPoint))).toMatchObject({ reason: "ephemeral-key" });
  });

  it("a site with an issuer is not talked down to its shared key", () => {
    const device = makePkocBleDevice({
      primitives,
      credential: primitives.p256Generate(),
      ephemeral: ephemeral(),
      lastUpdateS: 0,
      nowS: 0,
      trustFor: () => ({ issuerKey: fromHex(keys.site_issuer_public) }),
    });
    expect(device.receive(fromHex(ble.message1_reader))).toEqual({
      outcome: "stopped",
      reason: "reader-certificate-missing",
    });
  });

  it("errors say nothing of keys", () => {
    try {
      pkocCredentialOf(fromHex(point).subarray(0, 60));
    } catch (error) {
      expect(error).toBeInstanceOf(CredentialError);
      expect(String(error)).not.toContain(point.slice(2, 12));
    }
  });
});
