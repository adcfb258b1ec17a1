import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { GateError } from "../errors.ts";

/** The steps of a durable write; tests make each of them fail. */
export interface FileSteps {
  readonly write: (path: string, bytes: Uint8Array) => void;
  readonly rename: (from: string, to: string) => void;
  readonly syncFolder: (path: string) => void;
}

export const systemFileSteps: FileSteps = {
  write(path, bytes) {
    const file = openSync(path, "w", 0o600);
    try {
      for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  },
  rename: renameSync,
  syncFolder(path) {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  },
};

function hasCode(fault: unknown, code: string): boolean {
  return fault instanceof Error && "code" in fault && fault.code === code;
}

/** The file's bytes, or undefined if there is none. @throws {GateError} `disk-failed` */
export function readDurable(path: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    if (hasCode(cause, "ENOENT")) return undefined;
    throw new GateError("disk-failed", "expected a readable file", { cause });
  }
}

/**
 * Replaces a file: afterwards it holds the old or the new bytes, whatever fails and whenever the power goes; when
 * this returns, the new ones. Mode 0600.
 *
 * @throws {GateError} `disk-full`, `disk-failed`; the new bytes may then be in place all the same
 */
export function writeDurable(path: string, bytes: Uint8Array, steps: FileSteps = systemFileSteps): void {
  const draft = `${path}.new`;
  try {
    steps.write(draft, bytes);
    steps.rename(draft, path);
    steps.syncFolder(dirname(path));
  } catch (cause) {
    const code = hasCode(cause, "ENOSPC") || hasCode(cause, "EDQUOT") ? "disk-full" : "disk-failed";
    throw new GateError(code, "expected the disk to take a file", { cause });
  }
}
