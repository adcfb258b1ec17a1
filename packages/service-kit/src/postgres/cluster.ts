import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { randomBytes } from "@menshen/crypto/node";
import { syncDirectory, writeFileDurably } from "../durable-file.ts";
import { ServiceError } from "../errors.ts";
import { POSTGRES_MAJOR, type PostgresBinaries } from "./binaries.ts";
import type { DatabaseUser, PostgresHome } from "./home.ts";

export const SUPERUSER = "menshen";

/**
 * Makes the data directory at the first start; later only checks its version. Answers with the superuser's password.
 *
 * @throws {ServiceError} `database-failed`
 */
export function prepareCluster(home: PostgresHome, binaries: PostgresBinaries): string {
  const passwordFile = join(home.base, "password");
  if (existsSync(join(home.data, "PG_VERSION"))) {
    const major = readFileSync(join(home.data, "PG_VERSION"), "utf8").trim();
    if (major !== POSTGRES_MAJOR) {
      throw new ServiceError(
        "database-failed",
        `${home.data}: expected format ${POSTGRES_MAJOR}, came ${major}`,
      );
    }
    return readFileSync(passwordFile, "utf8").trim();
  }
  const password = Buffer.from(randomBytes(32)).toString("base64url");
  writeFileDurably(passwordFile, `${password}\n`, 0o600);
  initialise(home, binaries, password);
  return password;
}

function initialise(home: PostgresHome, binaries: PostgresBinaries, password: string): void {
  // A start that was killed here left one behind; it never was the database.
  for (const entry of readdirSync(home.base)) {
    if (entry.startsWith("initdb-")) rmSync(join(home.base, entry), { recursive: true, force: true });
  }
  const workshop = mkdtempSync(join(home.base, "initdb-"));
  const user = home.user === undefined ? undefined : namedUser();
  const fresh = join(workshop, "data");
  const passwordFile = join(workshop, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) for (const path of [workshop, passwordFile]) chownSync(path, user.uid, user.gid);
  const run = spawnSync(
    binaries.initdb,
    [
      "--auth-local=scram-sha-256",
      "--auth-host=reject",
      "--data-checksums",
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=icu",
      "--icu-locale=zh",
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
    ],
    {
      cwd: workshop,
      // The path stays off the command line, where every user could read it.
      env: { PGDATA: fresh, LC_ALL: "C", TZ: "UTC", PATH: "/usr/bin:/bin" },
      stdio: ["ignore", "ignore", "pipe"],
      ...user,
    },
  );
  if (run.status !== 0) {
    const text = run.error?.message ?? run.stderr.toString("utf8").trim().slice(-500);
    throw new ServiceError("database-failed", `initdb failed: ${text}`, { cause: run.error });
  }
  if (home.user !== undefined) giveTree(fresh, home.user);
  chmodSync(fresh, 0o700);
  renameSync(fresh, home.data);
  syncDirectory(home.base);
  rmSync(workshop, { recursive: true, force: true });
}

/**
 * initdb insists on a user that /etc/passwd names, which the database's own user is not; the server does not care. So
 * it runs as `nobody`, in a directory whose name cannot be guessed, and its work is handed over.
 */
function namedUser(): DatabaseUser {
  for (const line of readFileSync("/etc/passwd", "utf8").split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (name === "nobody") return { uid: Number(uid), gid: Number(gid) };
  }
  throw new ServiceError("database-failed", "expected the user `nobody` in /etc/passwd");
}

function giveTree(path: string, user: DatabaseUser): void {
  lchownSync(path, user.uid, user.gid);
  for (const entry of readdirSync(path, { recursive: true, encoding: "utf8" })) {
    lchownSync(join(path, entry), user.uid, user.gid);
  }
}
