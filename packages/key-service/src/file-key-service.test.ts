import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aesCmac, toHex } from "@menshen/crypto/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { changePassphrase, openFileKeyService } from "./file-key-service.ts";
import { openKeyAccess } from "./key-access.ts";

const cost = { memoryKib: 64, passes: 1, lanes: 1 };
const REFERENCE = { name: "card-master", version: 1 };
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "menshen-key-file-"));
  file = join(folder, "store");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function withKey(): Promise<Uint8Array> {
  const service = await openFileKeyService(file, "passphrase", { cost });
  await service.take(REFERENCE, "mac", new Uint8Array(16).fill(9));
  await service.close();
  return new Uint8Array(readFileSync(file));
}

test("holds no key in clear, for its owner alone, and looks different each time it is written", async () => {
  const first = await withKey();
  expect(toHex(first)).not.toContain("09".repeat(16));
  expect(new TextDecoder().decode(first)).not.toContain("card-master");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const service = await openFileKeyService(file, "passphrase");
  await service.create({ name: "other", version: 1 }, "mac");
  await service.destroy({ name: "other", version: 1 });
  await service.close();
  expect(new Uint8Array(readFileSync(file))).not.toEqual(first);
});

test("a passphrase typed on another keyboard is the same one", async () => {
  const decomposed = await openFileKeyService(file, "e\u0301te\u0301", { cost });
  await decomposed.close();
  await (await openFileKeyService(file, "\u00e9t\u00e9")).close();
  await expect(openFileKeyService(file, "ete")).rejects.toMatchObject({ code: "wrong-unlock" });
  await expect(openFileKeyService(file, "")).rejects.toMatchObject({ code: "bad-argument" });
});

test("a file that was changed in any byte, cut or lengthened does not open, and nothing else happens", async () => {
  const bytes = await withKey();
  for (let at = 0; at < bytes.length; at += 5) {
    const changed = bytes.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    // A cost of 16 million KiB is refused unseen; a small change of it costs time and then does not open.
    if (at >= 18 && at < 24) continue;
    writeFileSync(file, changed);
    await expect(openFileKeyService(file, "passphrase")).rejects.toMatchObject({
      code: expect.stringMatching(/^(wrong-unlock|malformed|unknown-version)$/),
    });
  }
  for (const cut of [bytes.slice(0, 30), bytes.slice(0, -1), Uint8Array.of(...bytes, 0), new Uint8Array()]) {
    writeFileSync(file, cut);
    await expect(openFileKeyService(file, "passphrase")).rejects.toMatchObject({
      code: expect.stringMatching(/^(wrong-unlock|malformed)$/),
    });
  }
});

test("a file that asks for the machine's whole memory, or is too large, is refused", async () => {
  const bytes = await withKey();
  const greedy = bytes.slice();
  greedy.fill(0xff, 18, 22);
  writeFileSync(file, greedy);
  await expect(openFileKeyService(file, "passphrase")).rejects.toMatchObject({ code: "malformed" });
  writeFileSync(file, new Uint8Array(1024 * 1024 + 1));
  await expect(openFileKeyService(file, "passphrase")).rejects.toMatchObject({ code: "too-large" });
});

test("a file that others may read is refused", async () => {
  await withKey();
  chmodSync(file, 0o640);
  await expect(openFileKeyService(file, "passphrase")).rejects.toMatchObject({ code: "bad-argument" });
});

test("a key that could not be written is not in use either", async () => {
  const service = await openFileKeyService(file, "passphrase", { cost });
  rmSync(folder, { recursive: true });
  await expect(service.create(REFERENCE, "mac")).rejects.toMatchObject({ code: "ENOENT" });
  await expect(service.mac(REFERENCE, new Uint8Array(1))).rejects.toMatchObject({ code: "unknown-key" });
});

test("the store of version 1 opens as long as there are any", async () => {
  const bytes = await withKey();
  expect(toHex(bytes.slice(0, 18))).toBe(`${toHex(new TextEncoder().encode("MENSHEN-KEY-STORE"))}01`);
  const service = await openFileKeyService(file, "passphrase");
  expect(await service.mac(REFERENCE, new Uint8Array(1))).toEqual(
    aesCmac(new Uint8Array(16).fill(9), new Uint8Array(1)),
  );
});

test("two processes that have it open see what the other changed, and no change is lost", async () => {
  const [server, desk] = [
    await openFileKeyService(file, "passphrase", { cost }),
    await openFileKeyService(file, "passphrase"),
  ];
  await server.create({ name: "one", version: 1 }, "mac");
  await desk.create({ name: "two", version: 1 }, "mac");
  await server.create({ name: "three", version: 1 }, "mac");
  expect((await desk.list()).map(({ reference }) => reference.name)).toEqual(["one", "three", "two"]);
  await desk.destroy({ name: "one", version: 1 });
  await expect(server.mac({ name: "one", version: 1 }, new Uint8Array(1))).rejects.toMatchObject({
    code: "unknown-key",
  });
});

test("another thread opens it without the passphrase", async () => {
  await withKey();
  const service = await openFileKeyService(file, "passphrase");
  const again = await openKeyAccess(service.access());
  expect(await again.mac(REFERENCE, new Uint8Array(1))).toEqual(
    await service.mac(REFERENCE, new Uint8Array(1)),
  );
  await expect(openKeyAccess({ backEnd: "file", file, sealKey: new Uint8Array(32) })).rejects.toMatchObject({
    code: "wrong-unlock",
  });
});

test("under a new passphrase it holds the same keys, and whoever had it open needs that", async () => {
  await withKey();
  const service = await openFileKeyService(file, "passphrase");
  await expect(changePassphrase(file, "wrong", "other", { cost })).rejects.toMatchObject({
    code: "wrong-unlock",
  });
  await changePassphrase(file, "passphrase", "other", { cost });
  await expect(service.mac(REFERENCE, new Uint8Array(1))).rejects.toMatchObject({ code: "wrong-unlock" });
  await expect(openFileKeyService(file, "passphrase")).rejects.toMatchObject({ code: "wrong-unlock" });
  const again = await openFileKeyService(file, "other");
  expect((await again.list()).map(({ checkValue }) => checkValue)).toEqual(["5d2a8d"]);
});
