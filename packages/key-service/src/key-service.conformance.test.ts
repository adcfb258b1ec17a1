import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { aesCmac, fromHex, toHex, verify } from "@menshen/crypto/node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openFileKeyService } from "./file-key-service.ts";
import type { KeyAccess, KeyService } from "./key-service.ts";
import { joinShares } from "./key-shares.ts";
import { openPkcs11KeyService } from "./pkcs11/pkcs11-key-service.ts";

const SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so";
const CHEAP = { memoryKib: 64, passes: 1, lanes: 1 };
const TOKEN = "menshen test";
const PIN = "738219";
const CARD_MASTER = { name: "card-master-desfire", version: 1 };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "menshen-keys-"));
  mkdirSync(join(folder, "tokens"));
  const config = join(folder, "softhsm2.conf");
  writeFileSync(config, `directories.tokendir = ${join(folder, "tokens")}\nlog.level = ERROR\n`);
  // Read by the library when it is first called in this process.
  process.env.SOFTHSM2_CONF = config;
  const pins = ["--so-pin", "90817263", "--pin", PIN];
  execFileSync("softhsm2-util", ["--init-token", "--free", "--label", TOKEN, ...pins], { stdio: "ignore" });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a second thread diversifies while the first one has the keys open. */
async function inWorker(access: KeyAccess): Promise<unknown> {
  const worker = new Worker(new URL("./testing/diversify-worker.ts", import.meta.url), {
    workerData: access,
  });
  try {
    return await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  } finally {
    await worker.terminate();
  }
}

let fresh = 0;
const backEnds: readonly { readonly name: string; readonly make: () => () => Promise<KeyService> }[] = [
  {
    name: "a sealed file",
    make() {
      fresh += 1;
      const file = join(folder, `keys-${fresh}`, "store");
      return () => openFileKeyService(file, "two gods at one door", { cost: CHEAP });
    },
  },
  {
    name: "a PKCS#11 token",
    make: () => async () => openPkcs11KeyService({ library: SOFTHSM, token: TOKEN, pin: PIN }),
  },
];

describe.each(backEnds)("$name", ({ make }) => {
  const opened: KeyService[] = [];
  const open = async (reopen: () => Promise<KeyService>) => {
    const service = await reopen();
    opened.push(service);
    return service;
  };
  afterEach(async () => {
    const reopen = make();
    for (const service of opened.splice(0)) await service.close();
    // One token serves all tests: what one left there is none of the next one's.
    const service = await reopen();
    for (const { reference } of await service.list()) await service.destroy(reference);
    await service.close();
  });

  test("diversifies as AN10922 does, with the values of its own example", async () => {
    const service = await open(make());
    // AN10922 §2.2.1: master, UID, AID and system identifier; 17 bytes with them.
    const master = fromHex("00112233445566778899aabbccddeeff");
    const described = await service.take(CARD_MASTER, "diversify", master);
    expect(described).toEqual({
      reference: CARD_MASTER,
      use: "diversify",
      checkValue: toHex(aesCmac(master, new Uint8Array(16))).slice(0, 6),
    });
    const input = fromHex("04782e21801d803042f54e585020416275");
    expect(toHex(await service.diversify(CARD_MASTER, input))).toBe("a8dd63a3b89d54b37ca802473fda9175");
  });

  test("makes MACs as RFC 4493 does", async () => {
    const service = await open(make());
    const reference = { name: "receipts", version: 1 };
    await service.take(reference, "mac", fromHex("2b7e151628aed2a6abf7158809cf4f3c"));
    const mac = async (message: string) => toHex(await service.mac(reference, fromHex(message)));
    expect(await mac("")).toBe("bb1d6929e95937287fa37d129b756746");
    expect(await mac("6bc1bee22e409f96e93d7e117393172a")).toBe("070a16b46b4d4144f79bdd9dd04a287c");
  });

  test("signs so that its public key verifies", async () => {
    const service = await open(make());
    const reference = { name: "desk", version: 3 };
    const { publicKey = new Uint8Array() } = await service.create(reference, "sign");
    expect(publicKey).toHaveLength(65);
    const message = fromHex("a0b1c2");
    const signature = await service.sign(reference, message);
    expect(verify({ alg: "ES256", publicKey }, message, signature)).toBe(true);
    expect(verify({ alg: "ES256", publicKey }, fromHex("a0b1c3"), signature)).toBe(false);
  });

  test("keeps keys over being closed, and lists them without their values", async () => {
    const reopen = make();
    const first = await open(reopen);
    const made = [
      await first.create({ name: "b", version: 1 }, "diversify"),
      await first.create({ name: "a", version: 2 }, "mac"),
      await first.create({ name: "a", version: 10 }, "sign"),
    ];
    const code = await first.mac({ name: "a", version: 2 }, fromHex("01"));
    await first.close();
    await expect(first.list()).rejects.toMatchObject({ code: "closed" });
    const second = await open(reopen);
    expect(await second.list()).toEqual([made[1], made[2], made[0]]);
    expect(await second.mac({ name: "a", version: 2 }, fromHex("01"))).toEqual(code);
  });

  test("refuses other uses, unknown keys, a second key of that name, and is asked to destroy", async () => {
    const service = await open(make());
    await service.create(CARD_MASTER, "diversify");
    const input = new Uint8Array(27);
    await expect(service.mac(CARD_MASTER, input)).rejects.toMatchObject({ code: "wrong-use" });
    await expect(service.sign(CARD_MASTER, input)).rejects.toMatchObject({ code: "wrong-use" });
    for (const again of [
      service.create(CARD_MASTER, "mac"),
      service.take(CARD_MASTER, "diversify", new Uint8Array(16)),
    ]) {
      await expect(again).rejects.toMatchObject({ code: "exists" });
    }
    await expect(service.diversify({ ...CARD_MASTER, version: 2 }, input)).rejects.toMatchObject({
      code: "unknown-key",
    });
    await service.destroy(CARD_MASTER);
    await expect(service.diversify(CARD_MASTER, input)).rejects.toMatchObject({ code: "unknown-key" });
    await expect(service.destroy(CARD_MASTER)).rejects.toMatchObject({ code: "unknown-key" });
    expect(await service.list()).toEqual([]);
  });

  test.each([
    { name: "", version: 1 },
    { name: "Upper", version: 1 },
    { name: "a".repeat(41), version: 1 },
    { name: "a", version: 0 },
    { name: "a", version: 128 },
    { name: "a", version: 1.5 },
  ])("refuses the reference $name:$version", async (reference) => {
    const service = await open(make());
    await expect(service.create(reference, "mac")).rejects.toMatchObject({ code: "bad-argument" });
  });

  test("keeps a key that others hold too, and tells it", async () => {
    const reopen = make();
    const service = await open(reopen);
    const reference = { name: "card-privacy", version: 1 };
    const value = fromHex("2b7e151628aed2a6abf7158809cf4f3c");
    const described = await service.take(reference, "shared", value);
    // CMAC of a zero block under the value, by OpenSSL.
    expect(described).toEqual({ reference, use: "shared", checkValue: "7ad386" });
    expect(await service.reveal(reference)).toEqual(value);
    expect(await service.list()).toEqual([described]);
    await expect(service.mac(reference, value)).rejects.toMatchObject({ code: "wrong-use" });
    await service.create({ name: "pin", version: 1 }, "shared");
    const [drawn, again] = [
      await service.reveal({ name: "pin", version: 1 }),
      await (await open(reopen)).reveal({ name: "pin", version: 1 }),
    ];
    expect(drawn).toHaveLength(16);
    expect(again).toEqual(drawn);
    expect(drawn).not.toEqual(value);
    const shares = await service.export(reference, { threshold: 2, count: 3 });
    expect(await joinShares(shares.slice(1))).toEqual(value);
    await service.destroy(reference);
    await expect(service.reveal(reference)).rejects.toMatchObject({ code: "unknown-key" });
  });

  test("does not tell a master, and a token not even in shares", async () => {
    const service = await open(make());
    await service.create(CARD_MASTER, "diversify");
    await expect(service.reveal(CARD_MASTER)).rejects.toMatchObject({ code: "wrong-use" });
    const exported = service.export(CARD_MASTER, { threshold: 2, count: 2 });
    if (service.access().backEnd === "pkcs11") {
      await expect(exported).rejects.toMatchObject({ code: "not-exportable" });
      return;
    }
    const shares = await exported;
    const key = await joinShares(shares);
    await service.destroy(CARD_MASTER);
    const described = await service.take(CARD_MASTER, "diversify", key);
    expect(shares.map(({ checkValue }) => checkValue)).toEqual([described.checkValue, described.checkValue]);
  });

  test("is open in another thread of the process too", async () => {
    const service = await open(make());
    await service.take(CARD_MASTER, "diversify", fromHex("00112233445566778899aabbccddeeff"));
    const told = await inWorker(service.access());
    // AN10922 §2.2.1, as above.
    expect(told).toBe("a8dd63a3b89d54b37ca802473fda9175");
    expect(await service.list()).toHaveLength(1);
  });

  test("refuses inputs and messages out of range", async () => {
    const service = await open(make());
    await service.create(CARD_MASTER, "diversify");
    for (const lengthBytes of [0, 15, 32]) {
      await expect(service.diversify(CARD_MASTER, new Uint8Array(lengthBytes))).rejects.toMatchObject({
        code: "bad-argument",
      });
    }
    await expect(service.take({ name: "x", version: 1 }, "mac", new Uint8Array(15))).rejects.toMatchObject({
      code: "bad-argument",
    });
    await expect(service.mac(CARD_MASTER, new Uint8Array(65_537))).rejects.toMatchObject({
      code: "bad-argument",
    });
  });
});

test("a token with another PIN, label or library is refused", () => {
  const refused = (changes: object, code: string) =>
    expect(() => openPkcs11KeyService({ library: SOFTHSM, token: TOKEN, pin: PIN, ...changes })).toThrow(
      expect.objectContaining({ code }),
    );
  refused({ pin: "000000" }, "wrong-unlock");
  refused({ pin: "1" }, "wrong-unlock");
  refused({ token: "none of that name" }, "token-absent");
  refused({ library: "/nonexistent.so" }, "token-absent");
  refused({ library: "libc.so.6" }, "token-absent");
});
