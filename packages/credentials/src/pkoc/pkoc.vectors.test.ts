import * as primitives from "@menshen/crypto";
import { fromHex, toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import published from "../../vectors/pkoc.json" with { type: "json" };
import flows from "../../vectors/pkoc-flows.json" with { type: "json" };
import { encodeResponse } from "../apdu/apdu.ts";
import { scriptedChannel } from "../channel/scripted-channel.testing.ts";
import { makePkocBleDevice, type PkocSiteTrust } from "./ble-device.ts";
import {
  encodeReaderOutcome,
  openPkocBle,
  pkocBleKey,
  readDeviceCredential,
  readSealed,
} from "./ble-messages.ts";
import { makePkocBleReader } from "./ble-reader.ts";
import { issuePkocCertificate, readPkocCertificate, refusePkocCertificate } from "./certificate.ts";
import { makePkocCard } from "./nfc-card.ts";
import {
  pkocAuthenticateCommand,
  pkocInternalAuthenticateCommand,
  pkocSelectCommand,
} from "./nfc-messages.ts";
import { readPkocCard, verifyPkocProof } from "./nfc-reader.ts";
import { pkocCredentialOf, pkocDerivedIdentifier } from "./pkoc-credential.ts";
import { issuePkocReaderCertificate } from "./reader-certificate.ts";

// The signatures of the vectors are deterministic (RFC 6979), as are those of the portable module: whole messages can be
// compared, not only verified.
const { keys, nfc_se_v1: v1, nfc_se_v2: v2, ble_ecdhe: ble, ble_ecdhe_reader_certificate: bleCert } = flows;
const credential = {
  secretKey: fromHex(keys.credential_private),
  publicKey: fromHex(keys.credential_public),
};
const keyOf = (hex: string) => primitives.p256FromSecret(fromHex(hex));
const validation = {
  issuerKey: (issuer: string) => (issuer === v2.iir ? fromHex(keys.cvc_issuer_public) : undefined),
  today: "2026-11-22",
};
const negative = (name: string) => {
  const found = flows.negative.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return found;
};
/** Every negative case has to be asked for by some test below. */
const played = new Set<string>();
const play = (name: string) => {
  played.add(name);
  return negative(name);
};

function read(answers: Record<string, string>, random: string, validated = false) {
  const channel = scriptedChannel(answers);
  const reading = readPkocCard(channel, {
    primitives,
    random: () => fromHex(random),
    readerIdentifier: fromHex(v1.reader_identifier),
    ...(validated ? { validation } : {}),
  });
  return { reading, channel };
}

const v1Answers = { [v1.select_command]: v1.select_response, [v1.auth_command]: v1.auth_response };
const v2Answers = {
  [v2.select_command]: "5c0201009000",
  [v2.info_command]: v2.info_response,
  [v2.cvc_command]: `${v2.cvc}9000`,
  [v2.internal_authenticate_command]: v2.internal_authenticate_response,
};

describe("published PKOC values", () => {
  it("verify, and fail for another transaction", () => {
    expect(published.signature).toHaveLength(1);
    for (const v of published.signature) {
      const proof = { publicKey: fromHex(v.publicKey), signature: fromHex(v.signatureRS) };
      expect(verifyPkocProof(primitives, proof, fromHex(v.transactionIdentifier))).toBe(true);
      expect(verifyPkocProof(primitives, proof, new Uint8Array(16))).toBe(false);
      expect(verifyPkocProof(primitives, proof, fromHex(v.transactionIdentifier).subarray(1))).toBe(false);
    }
    expect(toHex(pkocSelectCommand())).toBe(published.apdu.select);
  });
});

describe("SE V1 over NFC", () => {
  it("is read as recorded", async () => {
    const { reading, channel } = read(v1Answers, v1.transaction_id);
    expect(await reading).toEqual({
      outcome: "authentic",
      profile: "se-v1",
      publicKey: credential.publicKey,
    });
    expect(channel.sent).toEqual([v1.select_command, v2.info_command, v1.auth_command]);
    expect(toHex(pkocCredentialOf(credential.publicKey))).toBe(v1.pkoc_credential);
  });

  it("is answered as recorded", () => {
    const card = makePkocCard({ primitives, key: credential });
    const answer = (hex: string) => toHex(Uint8Array.from(card.transceive(fromHex(hex)) as Uint8Array));
    expect(answer(v1.select_command)).toBe(v1.select_response);
    expect(answer(v1.auth_command)).toBe(v1.auth_response);
    const command = pkocAuthenticateCommand(fromHex(v1.transaction_id), fromHex(v1.reader_identifier));
    expect(toHex(command)).toBe(v1.auth_command);
  });

  it("refuses a signature over another nonce", async () => {
    const { auth_response = "" } = play("v1-signature-over-other-nonce");
    const { reading } = read({ ...v1Answers, [v1.auth_command]: auth_response }, v1.transaction_id);
    expect(await reading).toEqual({ outcome: "refused", reason: "wrong-key" });
  });
});

describe("SE V2 over NFC", () => {
  it("is read as recorded, with and without a look at the certificate", async () => {
    const { reading, channel } = read(v2Answers, v2.challenge, true);
    expect(await reading).toMatchObject({
      outcome: "authentic",
      profile: "se-v2",
      publicKey: credential.publicKey,
      certificate: {
        profile: 0,
        issuer: v2.iir,
        subject: v2.subject_reference,
        validFrom: "2026-01-01",
        validUntil: "2030-12-31",
      },
    });
    expect(channel.sent).toEqual(Object.keys(v2Answers));
    expect(await read(v2Answers, v2.challenge).reading).toEqual({
      outcome: "authentic",
      profile: "se-v2",
      publicKey: credential.publicKey,
    });
    expect(toHex(pkocDerivedIdentifier(pkocCredentialOf(credential.publicKey), 8))).toBe(
      v2.derived_identifier_8,
    );
    const short = pkocDerivedIdentifier(pkocCredentialOf(credential.publicKey), 4, { validated: true });
    expect(toHex(short)).toBe(v2.validated_identifier_4);
  });

  it("is issued and answered as recorded", () => {
    const certificate = issuePkocCertificate(primitives, fromHex(keys.cvc_issuer_private), {
      profile: 0,
      issuer: v2.iir,
      publicKey: credential.publicKey,
      subject: v2.subject_reference,
      validFrom: "2026-01-01",
      validUntil: "2030-12-31",
    });
    expect(toHex(certificate)).toBe(v2.cvc);
    expect(toHex(readPkocCertificate(certificate).signedBody)).toBe(v2.cvc_body_signed);
    expect(toHex(readPkocCertificate(certificate).signature)).toBe(v2.cvc_signature);
    const card = makePkocCard({ primitives, key: credential, certificate });
    const answer = (hex: string) => toHex(Uint8Array.from(card.transceive(fromHex(hex)) as Uint8Array));
    for (const [command, response] of Object.entries(v2Answers)) expect(answer(command)).toBe(response);
    expect(toHex(pkocInternalAuthenticateCommand(fromHex(v2.challenge)))).toBe(
      v2.internal_authenticate_command,
    );
  });

  it.each([
    ["cvc-bad-signature", "certificate-signature"],
    ["cvc-other-issuer", "certificate-signature"],
    ["cvc-expired", "certificate-outside-validity"],
    ["cvc-profile-1", "certificate-profile"],
    ["cvc-lower-case-iir", "certificate-issuer-reference"],
  ])("%s is refused as %s, and nothing is tried behind it", async (name, reason) => {
    const { cvc = "" } = play(name);
    // The card could do SE V1 as well: it must not be asked to.
    const answers = { ...v1Answers, ...v2Answers, [v2.cvc_command]: `${cvc}9000` };
    const { reading, channel } = read(answers, v2.challenge, true);
    expect(await reading).toEqual({ outcome: "refused", reason });
    expect(channel.sent).toEqual([v2.select_command, v2.info_command, v2.cvc_command]);
  });

  it("looks at validity only where there is a date", () => {
    const certificate = readPkocCertificate(fromHex(play("cvc-expired").cvc ?? ""));
    expect(refusePkocCertificate(primitives, certificate, { ...validation, today: undefined })).toBe(
      undefined,
    );
    const before = { ...validation, today: "2025-12-31" };
    expect(refusePkocCertificate(primitives, certificate, before)).toBe("certificate-outside-validity");
    const nobody = { ...validation, issuerKey: () => undefined };
    expect(refusePkocCertificate(primitives, certificate, nobody)).toBe("certificate-issuer-unknown");
  });

  it("refuses a proof that was tampered with", async () => {
    play("v2-bad-possession-signature");
    const response = fromHex(v2.internal_authenticate_response);
    response[40] = (response[40] ?? 0) ^ 1;
    const answers = { ...v2Answers, [v2.internal_authenticate_command]: toHex(response) };
    expect(await read(answers, v2.challenge, true).reading).toEqual({
      outcome: "refused",
      reason: "wrong-key",
    });
  });

  it("asks an SE V1 card for the certificate it does not have", async () => {
    expect(await read(v1Answers, v1.transaction_id, true).reading).toEqual({
      outcome: "refused",
      reason: "certificate-required",
    });
    const other = { [v1.select_command]: toHex(encodeResponse({ data: new Uint8Array(), sw: 0x6a82 })) };
    expect(await read(other, v1.transaction_id).reading).toEqual({ outcome: "absent" });
  });
});

const site = { siteId: fromHex(ble.site_id), locationId: fromHex(ble.reader_location_id) };
const deviceEphemeral = keyOf(keys.device_ephemeral_private);
const readerEphemeral = keyOf(keys.reader_ephemeral_private);
const siteTrust: PkocSiteTrust = { siteKey: fromHex(keys.site_key_public) };
const issuerTrust: PkocSiteTrust = { issuerKey: fromHex(keys.site_issuer_public) };
const lastUpdateS = 0x6553f100;

function device(trust: PkocSiteTrust = siteTrust) {
  return makePkocBleDevice({
    primitives,
    credential,
    ephemeral: deviceEphemeral,
    lastUpdateS,
    nowS: 1_800_000_000,
    trustFor: (siteId, locationId) =>
      toHex(siteId) === ble.site_id && toHex(locationId) === ble.reader_location_id ? trust : undefined,
  });
}

const reader = () =>
  makePkocBleReader({
    primitives,
    ...site,
    signingKey: fromHex(keys.site_key_private),
    ephemeral: readerEphemeral,
  });

describe("the ECDHE flow over BLE", () => {
  it("goes as recorded, on the device", () => {
    const phone = device();
    expect(phone.receive(fromHex(ble.message1_reader))).toEqual({
      outcome: "send",
      message: fromHex(ble.message2_device),
    });
    expect(phone.receive(fromHex(ble.message3_reader))).toEqual({
      outcome: "send",
      message: fromHex(ble.message4_device),
    });
    expect(phone.receive(fromHex(ble.message5_reader_granted))).toEqual({
      outcome: "finished",
      status: "access-granted",
    });
  });

  it("goes as recorded, on the reader", () => {
    const gate = reader();
    expect(toHex(gate.hello)).toBe(ble.message1_reader);
    expect(gate.receive(fromHex(ble.message2_device))).toEqual({
      outcome: "send",
      message: fromHex(ble.message3_reader),
    });
    expect(gate.receive(fromHex(ble.message4_device))).toEqual({
      outcome: "authentic",
      publicKey: credential.publicKey,
      lastUpdateS,
    });
    expect(toHex(gate.outcome(true))).toBe(ble.message5_reader_granted);
  });

  it("derives key, nonce and plaintext as recorded", () => {
    const key = pkocBleKey(primitives, fromHex(ble.ecdh_x));
    expect(toHex(key)).toBe(ble.aes_key);
    const sealed = readSealed(fromHex(ble.message4_device));
    const plaintext = openPkocBle(primitives, key, 1, sealed) ?? new Uint8Array();
    expect(toHex(plaintext)).toBe(ble.message4_plaintext);
    expect(readDeviceCredential(plaintext)).toMatchObject({ publicKey: credential.publicKey, lastUpdateS });
    expect(fromHex(ble.signed_by_both)).toHaveLength(96);
    expect(
      primitives.p256Verify(
        credential.publicKey,
        fromHex(ble.signed_by_both),
        readDeviceCredential(plaintext).signature,
      ),
    ).toBe(true);
  });

  it("goes as recorded with a reader's certificate", () => {
    const readerKey = keyOf(keys.reader_certificate_key_private);
    const certificate = issuePkocReaderCertificate(primitives, fromHex(keys.site_issuer_private), {
      ...site,
      notBeforeS: 0,
      notAfterS: 0xffff_ffff,
      publicKey: readerKey.publicKey,
    });
    expect(toHex(certificate)).toBe(bleCert.reader_certificate);
    expect(toHex(certificate.subarray(0, 74))).toBe(bleCert.certificate_signed_part);
    const gate = makePkocBleReader({
      primitives,
      ...site,
      signingKey: readerKey.secretKey,
      certificate,
      ephemeral: readerEphemeral,
    });
    expect(toHex(gate.hello)).toBe(bleCert.message1_reader);
    const phone = device(issuerTrust);
    const second = phone.receive(gate.hello);
    if (second.outcome !== "send") throw new Error(second.outcome);
    const third = gate.receive(second.message);
    expect(third).toEqual({ outcome: "send", message: fromHex(bleCert.message3_reader) });
    expect(phone.receive(fromHex(bleCert.message3_reader))).toEqual({
      outcome: "send",
      message: fromHex(bleCert.message4_device),
    });
    expect(gate.receive(fromHex(bleCert.message4_device))).toMatchObject({ outcome: "authentic" });
  });

  it.each([
    ["ble-unknown-site", siteTrust, "unknown-reader"],
    ["ble-unknown-reader-location", siteTrust, "unknown-reader"],
    ["ble-reader-certificate-other-issuer", issuerTrust, "reader-certificate-signature"],
  ] as const)("%s: the device stops after message 1 and says nothing", (name, trust, reason) => {
    const phone = device(trust);
    expect(phone.receive(fromHex(play(name).message1 ?? ""))).toEqual({ outcome: "stopped", reason });
    expect(phone.receive(fromHex(ble.message3_reader))).toEqual({
      outcome: "stopped",
      reason: "out-of-order",
    });
  });

  it("stops at a reader that signs with another key, before message 4", () => {
    const { message1 = "", message3 = "" } = play("ble-reader-signature-other-key");
    const phone = device();
    expect(phone.receive(fromHex(message1))).toMatchObject({ outcome: "send" });
    expect(phone.receive(fromHex(message3))).toEqual({ outcome: "stopped", reason: "reader-signature" });
  });

  it("does not open message 4 under another counter", () => {
    const sealed = readSealed(fromHex(play("ble-wrong-counter").message4 ?? ""));
    expect(openPkocBle(primitives, fromHex(ble.aes_key), 2, sealed)).toBeUndefined();
    const gate = reader();
    gate.receive(fromHex(ble.message2_device));
    expect(gate.receive(fromHex(ble.message4_device))).toMatchObject({ outcome: "authentic" });
    expect(gate.receive(fromHex(ble.message4_device))).toEqual({
      outcome: "refused",
      reason: "out-of-order",
      message: encodeReaderOutcome("invalid-security-status"),
    });
  });
});

it("every negative case was played", () => {
  expect([...played].sort()).toEqual(flows.negative.map(({ name }) => name).sort());
});
