import { existsSync, readdirSync } from "node:fs";

const LIBRARY_FOLDERS = "/usr/lib";

/**
 * Environment under which a program and all it starts live at another time: Debian's libfaketime answers the system
 * calls for the real time, so that TLS and the database see it as well. Durations stay what they are.
 *
 * @param offsetMs added to the machine's time
 * @throws {Error} if the library is not there
 */
export function shiftedTime(offsetMs: number): Record<string, string> {
  const library = readdirSync(LIBRARY_FOLDERS)
    .map((folder) => `${LIBRARY_FOLDERS}/${folder}/faketime/libfaketimeMT.so.1`)
    .find((file) => existsSync(file));
  if (library === undefined) {
    throw new Error("libfaketime is missing: this test needs Debian's package libfaketime (apt-get install)");
  }
  const seconds = (offsetMs / 1_000).toFixed(3);
  return {
    LD_PRELOAD: library,
    FAKETIME: offsetMs < 0 ? seconds : `+${seconds}`,
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    DONT_FAKE_MONOTONIC: "1",
    NO_FAKE_STAT: "1",
    // Processes of another user, as the database's are, could not share it.
    FAKETIME_DISABLE_SHM: "1",
  };
}
