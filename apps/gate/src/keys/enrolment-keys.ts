import { rmSync } from "node:fs";
import { join } from "node:path";
import { hpkeGenerate, p256Generate, sha256, toHex, wipe } from "@menshen/crypto/node";
import { parseEnrolmentCode } from "@menshen/trust";
import Type from "typebox";
import { Value } from "typebox/value";
import { GateError } from "../errors.ts";
import { type DeviceKeys, restoreDeviceKeys, storeDeviceKeys, storedDeviceKeys } from "./device-keys.ts";
import { readDurable, writeDurable } from "./durable-file.ts";
import type { Seal } from "./seal.ts";

/** SHA-256 of the code's secret, in hexadecimal, with the keys that were made for it; the latest last. */
const StoredAttempts = Type.Array(
  Type.Object({ code: Type.String({ pattern: "^[0-9a-f]{64}$" }), ...storedDeviceKeys }),
);

const PURPOSE = "menshen gate enrolment keys v1";
const FILE = "enrolment-keys.sealed";
/** Codes are typed by people: who tried more has nothing to win back from the first ones. */
const MAX_ATTEMPTS = 16;

/**
 * The keys to enrol with by this code: on the disk before the server can hear of them. The server enrols the first
 * device that brings a code and answers only that one again, so a gate that dies between the request and its stored
 * identity must come back with the same keys. Another code stands for another gate and gets keys of its own.
 *
 * @throws {GateError} `seal-broken`, `disk-full`, `disk-failed`; TrustError `bad-code`
 */
export async function keepEnrolmentKeys(stateDir: string, seal: Seal, code: string): Promise<DeviceKeys> {
  const name = toHex(sha256(parseEnrolmentCode(code).secret));
  const path = join(stateDir, FILE);
  const attempts = readAttempts(path, seal);
  const known = attempts.find((attempt) => attempt.code === name);
  if (known !== undefined) return restoreDeviceKeys(known);
  const keys: DeviceKeys = { deviceKey: p256Generate(), sealingKey: await hpkeGenerate() };
  const next = [...attempts, { code: name, ...storeDeviceKeys(keys) }].slice(-MAX_ATTEMPTS);
  const plaintext = new TextEncoder().encode(JSON.stringify(next));
  writeDurable(path, seal.seal(PURPOSE, plaintext));
  wipe(plaintext);
  return keys;
}

/** The identity is stored: the copy of its keys goes. A copy that a fault leaves behind is sealed and never read. */
export function dropEnrolmentKeys(stateDir: string): void {
  rmSync(join(stateDir, FILE), { force: true });
}

function readAttempts(path: string, seal: Seal) {
  const sealed = readDurable(path);
  if (sealed === undefined) return [];
  const plaintext = seal.open(PURPOSE, sealed);
  const value: unknown = JSON.parse(Buffer.from(plaintext).toString("utf8"));
  wipe(plaintext);
  if (!Value.Check(StoredAttempts, value)) {
    throw new GateError("seal-broken", `${FILE}: expected keys of this version`);
  }
  return value;
}
