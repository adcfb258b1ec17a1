import * as nodeCrypto from "node:crypto";
import { describe, expect, it } from "vitest";
import * as browserModule from "./index.ts";
import * as nodeModule from "./node/index.ts";
import { aesGcmOpen, aesGcmSeal, concatBytes, fromHex, hmacSha256, toHex } from "./node/index.ts";

const ascii = (text: string) => new TextEncoder().encode(text);

// A second reading of RFC 9180 on other primitives, so that both directions are checked against something else than
// the library itself. Identifiers: DHKEM(X25519, HKDF-SHA256) 0020, HKDF-SHA256 0001, AES-256-GCM 0002.
const kemSuite = concatBytes(ascii("KEM"), fromHex("0020"));
const hpkeSuite = concatBytes(ascii("HPKE"), fromHex("002000010002"));
const u16 = (value: number) => Uint8Array.of(value >> 8, value & 0xff);

function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array {
  return hmacSha256(salt, concatBytes(ascii("HPKE-v1"), suite, ascii(label), ikm));
}

function labeledExpand(
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  lengthBytes: number,
) {
  const labeled = concatBytes(u16(lengthBytes), ascii("HPKE-v1"), suite, ascii(label), info);
  return hmacSha256(prk, concatBytes(labeled, Uint8Array.of(1))).slice(0, lengthBytes);
}

function sharedSecret(dh: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Uint8Array {
  const eae = labeledExtract(kemSuite, new Uint8Array(), "eae_prk", dh);
  return labeledExpand(kemSuite, eae, "shared_secret", concatBytes(enc, recipient), 32);
}

function keySchedule(dh: Uint8Array, enc: Uint8Array, recipient: Uint8Array, info: Uint8Array) {
  const shared = sharedSecret(dh, enc, recipient);
  const none = new Uint8Array();
  const context = concatBytes(
    Uint8Array.of(0x00),
    labeledExtract(hpkeSuite, none, "psk_id_hash", none),
    labeledExtract(hpkeSuite, none, "info_hash", info),
  );
  const secret = labeledExtract(hpkeSuite, shared, "secret", none);
  return {
    key: labeledExpand(hpkeSuite, secret, "key", context, 32),
    nonce: labeledExpand(hpkeSuite, secret, "base_nonce", context, 12),
  };
}

const spki = fromHex("302a300506032b656e032100");
const pkcs8 = fromHex("302e020100300506032b656e04220420");

function diffieHellman(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  return new Uint8Array(
    nodeCrypto.diffieHellman({
      privateKey: nodeCrypto.createPrivateKey({
        key: Buffer.from(concatBytes(pkcs8, secretKey)),
        format: "der",
        type: "pkcs8",
      }),
      publicKey: nodeCrypto.createPublicKey({
        key: Buffer.from(concatBytes(spki, publicKey)),
        format: "der",
        type: "spki",
      }),
    }),
  );
}

describe("HPKE", () => {
  const info = ascii("menshen/keyring/v1");
  const aad = ascii("gate");
  const plaintext = ascii("card keys");

  it("is read here as RFC 9180 A.1.1 prints it, whose KEM is ours", () => {
    const skRm = fromHex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8");
    const pkRm = fromHex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
    const enc = fromHex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431");
    expect(toHex(sharedSecret(diffieHellman(skRm, enc), enc, pkRm))).toBe(
      "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc",
    );
  });

  it("opens what a second implementation sealed", async () => {
    const key = await nodeModule.hpkeGenerate();
    const ephemeral = await nodeModule.hpkeGenerate();
    const dh = diffieHellman(ephemeral.secretKey, key.publicKey);
    const schedule = keySchedule(dh, ephemeral.publicKey, key.publicKey, info);
    const ciphertext = aesGcmSeal(schedule.key, schedule.nonce, plaintext, aad);
    const opened = await nodeModule.hpkeOpen({ key, enc: ephemeral.publicKey, info, aad, ciphertext });
    expect(opened).toEqual(plaintext);
  });

  it("seals what a second implementation opens", async () => {
    const key = await nodeModule.hpkeGenerate();
    const sealed = await browserModule.hpkeSeal({ recipientPublicKey: key.publicKey, info, aad, plaintext });
    expect(sealed.enc).toHaveLength(32);
    expect(sealed.ciphertext).toHaveLength(plaintext.length + 16);
    const dh = diffieHellman(key.secretKey, sealed.enc);
    const schedule = keySchedule(dh, sealed.enc, key.publicKey, info);
    expect(aesGcmOpen(schedule.key, schedule.nonce, sealed.ciphertext, aad)).toEqual(plaintext);
  });

  it("opens nothing for another key, purpose or data, nor changed bytes", async () => {
    const key = await nodeModule.hpkeGenerate();
    const other = await nodeModule.hpkeGenerate();
    const sealed = await nodeModule.hpkeSeal({ recipientPublicKey: key.publicKey, info, aad, plaintext });
    const open = (change: object) => nodeModule.hpkeOpen({ key, info, aad, ...sealed, ...change });
    expect(await open({})).toEqual(plaintext);
    expect(await open({ key: other })).toBeUndefined();
    expect(await open({ key: { ...key, publicKey: other.publicKey } })).toBeUndefined();
    expect(await open({ info: ascii("menshen/modes/v1") })).toBeUndefined();
    expect(await open({ aad: ascii("other gate") })).toBeUndefined();
    expect(await open({ aad: undefined })).toBeUndefined();
    expect(await open({ enc: other.publicKey })).toBeUndefined();
    expect(await open({ enc: sealed.enc.subarray(1) })).toBeUndefined();
    expect(await open({ enc: new Uint8Array(32) })).toBeUndefined();
    expect(await open({ ciphertext: sealed.ciphertext.subarray(1) })).toBeUndefined();
    expect(await open({ ciphertext: new Uint8Array(3) })).toBeUndefined();
  });

  it("never seals twice alike", async () => {
    const key = await nodeModule.hpkeGenerate();
    const seal = () => nodeModule.hpkeSeal({ recipientPublicKey: key.publicKey, info, plaintext });
    const [first, second] = [await seal(), await seal()];
    expect(first.enc).not.toEqual(second.enc);
    expect(first.ciphertext).not.toEqual(second.ciphertext);
  });

  it("refuses unfit keys", async () => {
    const seal = (recipientPublicKey: Uint8Array) =>
      nodeModule.hpkeSeal({ recipientPublicKey, info, plaintext });
    await expect(seal(new Uint8Array(31))).rejects.toMatchObject({ code: "bad-length" });
    // The point of order 1 gives a shared secret of zeros (RFC 7748 §6.1).
    await expect(seal(new Uint8Array(32))).rejects.toMatchObject({ code: "bad-key" });
    const key = { publicKey: new Uint8Array(32), secretKey: new Uint8Array(5) };
    const sealed = { enc: new Uint8Array(32), ciphertext: new Uint8Array(16) };
    await expect(nodeModule.hpkeOpen({ key, info, ...sealed })).rejects.toMatchObject({ code: "bad-length" });
  });
});
