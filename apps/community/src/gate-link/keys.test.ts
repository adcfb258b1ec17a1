import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadGateLinkKeys } from "./keys.ts";
import { COMMUNITY } from "./testing/test-gate.ts";

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "menshen-keys-"));
});
afterEach(() => rmSync(state, { recursive: true }));

it("makes keys once and keeps them to itself", async () => {
  const made = await loadGateLinkKeys(state, COMMUNITY);
  expect(made.policy.alg).toBe("EdDSA");
  expect(await loadGateLinkKeys(state, COMMUNITY)).toEqual(made);
  for (const file of ["community-ca.pem", "policy-key.pem"]) {
    expect(statSync(join(state, "keys", file)).mode & 0o777).toBe(0o600);
  }
});

it("stops at keys that are damaged or open to others", async () => {
  await loadGateLinkKeys(state, COMMUNITY);
  const file = join(state, "keys", "policy-key.pem");
  chmodSync(file, 0o640);
  await expect(loadGateLinkKeys(state, COMMUNITY)).rejects.toMatchObject({ code: "keys-unreadable" });
  chmodSync(file, 0o600);
  writeFileSync(file, "");
  await expect(loadGateLinkKeys(state, COMMUNITY)).rejects.toMatchObject({ code: "keys-unreadable" });
});
