import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromHex, hpkeGenerate, p256Generate, toHex } from "@menshen/crypto/node";
import { CommunityId, GateId, ReaderId } from "@menshen/domain";
import { formatEnrolmentCode } from "@menshen/trust";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FileSteps, readDurable, systemFileSteps, writeDurable } from "./durable-file.ts";
import { dropEnrolmentKeys, keepEnrolmentKeys } from "./enrolment-keys.ts";
import { type GateIdentity, readIdentity, writeIdentity } from "./identity.ts";
import { openReaderKeys } from "./reader-keys.ts";
import { makeSeal, openFileSeal } from "./seal.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gate-keys-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const READER = ReaderId("dddddddd-0000-4000-8000-000000000001");
const bytes = (text: string) => new TextEncoder().encode(text);

describe("a durable file", () => {
  /** Fails at one step, before or after it took effect. */
  function failingAt(step: keyof FileSteps, moment: "before" | "after"): FileSteps {
    const fault = () => Object.assign(new Error("no space"), { code: "ENOSPC" });
    return {
      ...systemFileSteps,
      [step]: (...values: never[]) => {
        if (moment === "after") Reflect.apply(systemFileSteps[step], undefined, values);
        throw fault();
      },
    };
  }

  test.each([
    ["write", "before", "old"],
    ["write", "after", "old"],
    ["rename", "before", "old"],
    ["rename", "after", "new"],
    ["syncFolder", "before", "new"],
    ["syncFolder", "after", "new"],
  ] as const)("a fault at %s, %s it took effect, leaves the %s content", (step, moment, content) => {
    const path = join(folder, "file");
    writeDurable(path, bytes("old"));
    expect(() => writeDurable(path, bytes("new"), failingAt(step, moment))).toThrow(
      expect.objectContaining({ code: "disk-full" }),
    );
    expect(readFileSync(path, "utf8")).toBe(content);
    writeDurable(path, bytes("newer"));
    expect(readFileSync(path, "utf8")).toBe("newer");
  });

  test("is readable by its owner only, and absent when it is not there", () => {
    const path = join(folder, "file");
    expect(readDurable(path)).toBeUndefined();
    writeDurable(path, bytes("x"));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(() => readDurable(folder)).toThrow(expect.objectContaining({ code: "disk-failed" }));
  });
});

describe("the seal", () => {
  test("opens what it sealed, for the same purpose only", () => {
    const seal = makeSeal(new Uint8Array(32).fill(1));
    const sealed = seal.seal("a", bytes("secret"));
    expect(seal.open("a", sealed)).toEqual(bytes("secret"));
    expect(toHex(sealed)).not.toContain(toHex(bytes("secret")));
    const broken = (open: () => unknown) =>
      expect(open).toThrow(expect.objectContaining({ code: "seal-broken" }));
    broken(() => seal.open("b", sealed));
    broken(() => seal.open("a", sealed.slice(0, -1)));
    broken(() =>
      seal.open(
        "a",
        sealed.map((byte, i) => (i === 20 ? byte ^ 1 : byte)),
      ),
    );
    broken(() => seal.open("a", new Uint8Array(3)));
    broken(() => makeSeal(new Uint8Array(32).fill(2)).open("a", sealed));
  });

  test("makes its key once, keeps it, and refuses one that others can read", () => {
    const sealed = openFileSeal(folder).seal("a", bytes("secret"));
    expect(openFileSeal(folder).open("a", sealed)).toEqual(bytes("secret"));
    chmodSync(join(folder, "seal.key"), 0o644);
    expect(() => openFileSeal(folder)).toThrow(expect.objectContaining({ code: "seal-broken" }));
    chmodSync(join(folder, "seal.key"), 0o600);
    writeFileSync(join(folder, "seal.key"), "short");
    expect(() => openFileSeal(folder)).toThrow(expect.objectContaining({ code: "seal-broken" }));
  });
});

test("an identity comes back as it was, and never in clear", async () => {
  const seal = openFileSeal(folder);
  expect(readIdentity(folder, seal)).toBeUndefined();
  const identity: GateIdentity = {
    gateId: GateId("aaaaaaaa-0000-4000-8000-000000000001"),
    communityId: CommunityId("c0000000-0000-4000-8000-000000000001"),
    deviceKey: p256Generate(),
    sealingKey: await hpkeGenerate(),
    certificate: Uint8Array.of(1, 2, 3),
    ca: Uint8Array.of(4, 5, 6),
    policyKey: new Uint8Array(32).fill(7),
    mqtt: "server:8883",
    timeZone: "Asia/Shanghai",
  };
  writeIdentity(folder, seal, identity);
  expect(readIdentity(folder, seal)).toEqual(identity);
  expect(readFileSync(join(folder, "identity.sealed"), "latin1")).not.toContain("PRIVATE");
  expect(() => readIdentity(folder, makeSeal(new Uint8Array(32)))).toThrow(
    expect.objectContaining({ code: "seal-broken" }),
  );
});

test("keys to enrol with are kept for their code until the identity is stored, and never in clear", async () => {
  const seal = openFileSeal(folder);
  const code = (fill: number) => formatEnrolmentCode(new Uint8Array(10).fill(fill), Uint8Array.of(1));
  const first = await keepEnrolmentKeys(folder, seal, code(1));
  expect(await keepEnrolmentKeys(folder, openFileSeal(folder), ` ${code(1).toLowerCase()} `)).toEqual(first);
  const other = await keepEnrolmentKeys(folder, seal, code(2));
  expect(other).not.toEqual(first);
  expect(await keepEnrolmentKeys(folder, seal, code(1))).toEqual(first);
  expect(readFileSync(join(folder, "enrolment-keys.sealed"), "latin1")).not.toContain("PRIVATE");
  await expect(keepEnrolmentKeys(folder, makeSeal(new Uint8Array(32)), code(1))).rejects.toMatchObject({
    code: "seal-broken",
  });
  dropEnrolmentKeys(folder);
  dropEnrolmentKeys(folder);
  expect(await keepEnrolmentKeys(folder, seal, code(1))).not.toEqual(first);
});

describe("reader keys", () => {
  test("an offered key is on the disk before it is used, and in force when it was proved", () => {
    const seal = openFileSeal(folder);
    const keys = openReaderKeys(folder, seal);
    expect(keys.of(READER)).toEqual({ inForce: undefined, offered: undefined });
    const first = keys.offer(READER);
    expect(openReaderKeys(folder, seal).of(READER)).toEqual({ inForce: undefined, offered: first });
    expect(keys.ageMs(READER, 5_000)).toBeUndefined();
    keys.confirm(READER, 1_000);
    expect(openReaderKeys(folder, seal).of(READER)).toEqual({
      inForce: first,
      offered: undefined,
      sinceMs: 1_000,
    });
    const second = keys.offer(READER);
    const reopened = openReaderKeys(folder, seal);
    expect(reopened.of(READER)).toEqual({ inForce: first, offered: second, sinceMs: 1_000 });
    expect(reopened.ageMs(READER, 5_000)).toBe(4_000);
    expect(toHex(second)).not.toBe(toHex(first));
  });

  test("a key whose day nobody wrote down is as old as can be", () => {
    const seal = openFileSeal(folder);
    const stored = { [READER]: { inForce: "0123456789abcdef02468ace13579bdf" } };
    writeDurable(
      join(folder, "reader-keys.sealed"),
      seal.seal("menshen gate reader keys v1", bytes(JSON.stringify(stored))),
    );
    expect(openReaderKeys(folder, seal).ageMs(READER, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  test("a key that looks like a default is never given", () => {
    const draws = [
      fromHex("303132333435363738393a3b3c3d3e3f"),
      fromHex("00".repeat(16)),
      fromHex("0123456789abcdef02468ace13579bdf"),
    ];
    const keys = openReaderKeys(folder, openFileSeal(folder), () => draws.shift() ?? new Uint8Array(16));
    expect(toHex(keys.offer(READER))).toBe("0123456789abcdef02468ace13579bdf");
  });

  test("confirming what was never offered is refused", () => {
    const keys = openReaderKeys(folder, openFileSeal(folder));
    expect(() => keys.confirm(READER, 0)).toThrow(expect.objectContaining({ code: "request-invalid" }));
  });
});
