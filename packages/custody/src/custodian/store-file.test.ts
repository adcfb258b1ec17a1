import * as browser from "@menshen/crypto";
import { argon2id, concatBytes } from "@menshen/crypto/node";
import { expect, it } from "vitest";
import { contentsOf, random } from "./custodian.fixture.ts";
import { createStore, openStore, rereadStore, type StoreUnlock, sealStore } from "./store-file.ts";

const contents = contentsOf(1);
const cost = { memoryKib: 64, passes: 1, lanes: 1 };
const passphrase: StoreUnlock = { by: "passphrase", passphrase: "海棠 苑 é 19" };
const secret: StoreUnlock = { by: "secret", secret: new Uint8Array(32).fill(7) };

async function fileOf(unlock: StoreUnlock) {
  return sealStore(await createStore({ contents, unlock, random, argon2id, cost }), random);
}

it.each([
  ["passphrase", passphrase],
  ["passkey", secret],
])("what a %s seals it opens, in browser and program", async (_by, unlock) => {
  const bytes = await fileOf(unlock);
  for (const kdf of [argon2id, browser.argon2id]) {
    const result = await openStore(bytes, unlock, kdf);
    expect(result).toMatchObject({
      opened: true,
      store: { contents: { communityId: contents.communityId } },
    });
    if (result.opened) expect(sealStore(result.store, () => new Uint8Array(24))).toHaveLength(bytes.length);
  }
});

it("the whole contents come back", async () => {
  const full = {
    ...contents,
    seen: { size: 3, root: "ab".repeat(32) },
    logFault: { kind: "rolled-back" as const, size: 2, root: "cd".repeat(32), atMs: 4 },
    refused: [
      { requestId: contents.communityId, refusal: "forged", atMs: 5, entry: "00" },
      { requestId: contents.communityId, refusal: "not-in-log", atMs: 6 },
    ],
    answered: [{ requestId: contents.communityId, statementSha256: "00", entries: ["00"] }],
    receipts: [{ ceremony: contents.communityId, epoch: 1, destroyedAtMs: 2, signature: new Uint8Array(64) }],
  };
  const store = await createStore({ contents: full, unlock: secret, random, argon2id });
  const result = await openStore(sealStore(store, random), secret, argon2id);
  if (!result.opened) throw new Error(result.refusal);
  const { shares, ...rest } = result.store.contents;
  const { shares: expected, ...others } = full;
  expect(rest).toEqual(others);
  expect(shares.map(({ secret: share }) => share.toBytes())).toEqual(
    expected.map(({ secret: share }) => share.toBytes()),
  );
});

it("a passphrase is the same in either spelling of its accents", async () => {
  const bytes = await fileOf(passphrase);
  const other: StoreUnlock = { by: "passphrase", passphrase: "海棠 苑 e\u0301 19" };
  expect(await openStore(bytes, other, argon2id)).toMatchObject({ opened: true });
});

it("opens for nobody else, and says when the other way is meant", async () => {
  const bytes = await fileOf(passphrase);
  const wrong: StoreUnlock = { by: "passphrase", passphrase: "海棠 苑" };
  expect(await openStore(bytes, wrong, argon2id)).toEqual({ opened: false, refusal: "wrong-unlock" });
  expect(await openStore(bytes, secret, argon2id)).toEqual({ opened: false, refusal: "other-unlock" });
  const sealed = await fileOf(secret);
  const other: StoreUnlock = { by: "secret", secret: new Uint8Array(32) };
  expect(await openStore(sealed, other, argon2id)).toEqual({ opened: false, refusal: "wrong-unlock" });
});

it("shows nothing of what it holds, and never the same bytes twice", async () => {
  const store = await createStore({ contents, unlock: secret, random, argon2id });
  const [one, two] = [sealStore(store, random), sealStore(store, random)];
  expect(one).not.toEqual(two);
  const text = Buffer.from(concatBytes(one, two)).toString("latin1");
  expect(text).not.toContain(contents.communityId);
  expect(text).not.toContain(contents.log.origin);
});

it("is read again without its passphrase, if it is the same store", async () => {
  const store = await createStore({ contents, unlock: passphrase, random, argon2id, cost });
  const later = { ...store, contents: { ...contents, retentionDays: 3 } };
  expect(rereadStore(store, sealStore(later, random))).toMatchObject({
    opened: true,
    store: { contents: { retentionDays: 3 } },
  });
  const other = await createStore({ contents, unlock: passphrase, random, argon2id, cost });
  expect(rereadStore(store, sealStore(other, random))).toEqual({ opened: false, refusal: "malformed" });
  const cut = sealStore(store, random).slice(0, -1);
  expect(rereadStore(store, cut)).toEqual({ opened: false, refusal: "wrong-unlock" });
  expect(rereadStore(store, new Uint8Array(10))).toEqual({ opened: false, refusal: "malformed" });
});

it.each([
  ["an empty passphrase", { by: "passphrase", passphrase: "" }],
  ["a short secret", { by: "secret", secret: new Uint8Array(31) }],
] as const)("%s makes no store", async (_what, unlock) => {
  await expect(createStore({ contents, unlock, random, argon2id, cost })).rejects.toThrow(
    expect.objectContaining({ code: "invalid-argument" }),
  );
});
