import { concatBytes, ed25519FromSecret, ed25519Verify, fromHex, RistrettoElement } from "@menshen/crypto";
import { expect, it } from "vitest";
import { signSeat, verifySeat } from "./ceremony-seat.ts";
import { signReceipt, verifyReceipt } from "./destruction-receipt.ts";

const secretKey = new Uint8Array(32).fill(1);
const { publicKey: identityKey } = ed25519FromSecret(secretKey);
const other = ed25519FromSecret(new Uint8Array(32).fill(2)).publicKey;
const id = new Uint8Array(32).fill(7);
const call = { id, threshold: { k: 2, n: 3 }, firstEpoch: 258, epochCount: 13 };
const key = RistrettoElement.base;

it("a seat is signed as the protocol page says", () => {
  const signature = signSeat(secretKey, call, 2, key);
  const text = concatBytes(
    fromHex("4d454e5348454e2d434552454d4f4e592d53454154" + "01"), // MENSHEN-CEREMONY-SEAT
    id,
    fromHex("0203" + "00000102" + "0d" + "02"),
    fromHex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"),
  );
  expect(ed25519Verify(identityKey, text, signature)).toBe(true);
  expect(verifySeat(identityKey, call, 2, key, signature)).toBe(true);
});

it("a seat is one custodian's, at one place, in one ceremony, with one key", () => {
  const signature = signSeat(secretKey, call, 2, key);
  expect(verifySeat(other, call, 2, key, signature)).toBe(false);
  expect(verifySeat(identityKey, call, 1, key, signature)).toBe(false);
  expect(verifySeat(identityKey, { ...call, firstEpoch: 259 }, 2, key, signature)).toBe(false);
  expect(verifySeat(identityKey, { ...call, threshold: { k: 3, n: 3 } }, 2, key, signature)).toBe(false);
  expect(verifySeat(identityKey, { ...call, id: new Uint8Array(32) }, 2, key, signature)).toBe(false);
  expect(verifySeat(identityKey, call, 2, key.plus(key), signature)).toBe(false);
  expect(() => signSeat(secretKey, call, 0, key)).toThrow(
    expect.objectContaining({ code: "invalid-argument" }),
  );
});

const receipt = { keyId: id, epoch: 258, index: 3, destroyedAtMs: 1_795_334_400_000 };

it("a receipt is signed as the protocol page says", () => {
  const signature = signReceipt(secretKey, receipt);
  const text = concatBytes(
    fromHex("4d454e5348454e2d53484152452d44455354524f594544" + "01"), // MENSHEN-SHARE-DESTROYED
    id,
    fromHex("00000102" + "03" + "000001a20244e800"),
  );
  expect(ed25519Verify(identityKey, text, signature)).toBe(true);
  expect(verifyReceipt(identityKey, receipt, signature)).toBe(true);
});

it("a receipt is for one share and one time", () => {
  const signature = signReceipt(secretKey, receipt);
  expect(verifyReceipt(other, receipt, signature)).toBe(false);
  expect(verifyReceipt(identityKey, { ...receipt, epoch: 259 }, signature)).toBe(false);
  expect(verifyReceipt(identityKey, { ...receipt, index: 2 }, signature)).toBe(false);
  expect(verifyReceipt(identityKey, { ...receipt, keyId: new Uint8Array(32) }, signature)).toBe(false);
  expect(verifyReceipt(identityKey, { ...receipt, destroyedAtMs: 1 }, signature)).toBe(false);
});
