import { randomFillSync } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

/**
 * Replaces a file as a whole: after a crash or power cut at any moment it has the old content or the new. `mode` is
 * that of the new file.
 */
export function writeFileDurably(file: string, content: string | Uint8Array, mode: number): void {
  const fresh = `${file}.new`;
  const fd = openSync(fresh, "w", mode);
  try {
    writeFileSync(fd, content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, file);
  syncDirectory(dirname(file));
}

/** Makes renames and new names in a directory survive a power cut. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes over a file and removes it; `syncDirectory` makes the removal survive a power cut. On a disk that writes elsewhere
 * than it is told this is less than it seems.
 */
export function destroyFile(file: string): void {
  const fd = openSync(file, "r+");
  try {
    writeSync(fd, randomFillSync(new Uint8Array(fstatSync(fd).size)), 0, undefined, 0);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  unlinkSync(file);
}

/**
 * Makes a directory that only this user can read (0700) and that tells backup programs to leave it out
 * (https://bford.info/cachedir/).
 *
 * @param why one line for whoever finds it
 */
export function openUnbackedDirectory(directory: string, why: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const tag = join(directory, "CACHEDIR.TAG");
  if (existsSync(tag)) return;
  writeFileDurably(tag, `Signature: 8a477f597d28d172789f06886806bc55\n# ${why}\n`, 0o600);
}
