import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** sockaddr_un holds 108 bytes; some systems less. */
const MAX_SOCKET_PATH_BYTES = 100;

/**
 * A path to `directory` that leaves room for sockets below it: itself, or, where a checkout lies too deep, a link in
 * a fresh folder of this user's own.
 *
 * @param roomBytes length of the longest path below it, its first slash included
 */
export function shortPath(
  directory: string,
  roomBytes: number,
): { readonly path: string; readonly release: () => void } {
  if (Buffer.byteLength(directory) + roomBytes <= MAX_SOCKET_PATH_BYTES) {
    return { path: directory, release: () => undefined };
  }
  const folder = mkdtempSync(join(tmpdir(), "menshen-"));
  const path = join(folder, "s");
  symlinkSync(directory, path, "dir");
  return { path, release: () => rmSync(folder, { recursive: true, force: true }) };
}
