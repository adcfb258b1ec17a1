import { primitives, toHex } from "@menshen/crypto";
import type { ArchivedFile } from "./stored-zip.ts";

/**
 * What `openssl dgst -sha256 -r FILES` prints, and `sha256sum -c` reads: a line for each file, 64 hexadecimal digits, a space,
 * an asterisk, the name.
 */
export function digestList(files: readonly ArchivedFile[]): Uint8Array {
  const lines = files.map(({ name, bytes }) => `${toHex(primitives.sha256(bytes))} *${name}\n`);
  return new TextEncoder().encode(lines.join(""));
}

/** The names in a list; none for anything that is no such list. What is in the files is for {@link digestList} to compare. */
export function listedNames(list: Uint8Array): readonly string[] {
  const lines = new TextDecoder().decode(list).split("\n");
  if (lines.pop() !== "") return [];
  const names = lines.map((line) => /^[0-9a-f]{64} \*(\S+)$/.exec(line)?.[1]);
  return names.every((name) => name !== undefined) ? names : [];
}
