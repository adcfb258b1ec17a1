import { readFileSync, statSync } from "node:fs";
import { fromHex } from "@menshen/crypto/node";
import { GateError } from "../errors.ts";

/** Bits of a file's mode that let others than its owner read or change it. */
const OTHERS = 0o077;
const SECRET = /^([0-9a-f]{64})\s*$/;

/**
 * Reads the secret that a camera and this gate share: 32 bytes in hexadecimal.
 *
 * @throws {GateError} `config-invalid` for a file that is not there, not of the form, or readable by others
 */
export function readCameraSecret(file: string): Uint8Array {
  let text: string;
  try {
    if ((statSync(file).mode & OTHERS) !== 0) {
      throw new GateError("config-invalid", "plates: a camera's secret is readable by others than its owner");
    }
    text = readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof GateError) throw cause;
    throw new GateError("config-invalid", "plates: expected a file with a camera's secret", { cause });
  }
  const hex = SECRET.exec(text)?.[1];
  if (hex === undefined) {
    throw new GateError("config-invalid", "plates: expected a secret of 64 lower-case hexadecimal digits");
  }
  return fromHex(hex);
}
