import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileKeyService } from "@menshen/key-service";
import { afterAll, expect, test } from "vitest";
import { menshenHere } from "../testing/menshen.ts";

const folder = mkdtempSync(join(tmpdir(), "menshen-keys-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

async function run(...args: string[]) {
  return menshenHere(["keys", ...args, "--json"]);
}

test("a store's key is exported in shares, restored elsewhere, and its passphrase changed", async () => {
  writeFileSync(at("old"), "the first passphrase\n");
  writeFileSync(at("new"), "another passphrase\n");
  mkdirSync(at("shares"));
  const cost = { memoryKib: 64, passes: 1, lanes: 1 };
  const service = await openFileKeyService(at("store"), "the first passphrase", { cost });
  const key = Uint8Array.from({ length: 16 }, (_, index) => index);
  const { checkValue } = await service.take({ name: "card-master-desfire", version: 2 }, "diversify", key);
  await service.close();

  const store = ["--store", at("store"), "--passphrase-file", at("old")];
  const split = ["--key-version", "2", "--shares", "2/3", "--shares-dir", at("shares")];
  expect(await run("export", "card-master-desfire", ...store, ...split)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(checkValue),
  });
  const shares = readdirSync(at("shares")).sort();
  expect(shares).toHaveLength(3);
  const given = shares.slice(1).flatMap((name) => ["--share", join(at("shares"), name)]);
  const elsewhere = ["--store", at("elsewhere"), "--passphrase-file", at("old")];
  expect(await run("restore", ...elsewhere, ...given)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(checkValue),
  });

  expect(await run("passphrase", ...store, "--new-passphrase-file", at("new"))).toMatchObject({ code: 0 });
  expect(await run("list", ...store)).toMatchObject({ code: 78 });
  const again = await run("list", "--store", at("store"), "--passphrase-file", at("new"));
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining(checkValue) });
});
