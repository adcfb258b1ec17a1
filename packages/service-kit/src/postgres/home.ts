import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { randomBytes } from "@menshen/crypto/node";
import { writeFileDurably } from "../durable-file.ts";
import { ServiceError } from "../errors.ts";

/** sockaddr_un holds 108 bytes on Linux; PostgreSQL adds `/.s.PGSQL.5432.lock` to the directory. */
const MAX_SOCKET_PATH_BYTES = 100;
export const SOCKET_PORT = 5432;

/** Where root keeps databases whose state directory the database's own user cannot reach. */
const REACHABLE_BASE = "/var/lib/menshen";

/** Users of Debian's policy end at 59999; from there down for one that nobody has. */
const HIGHEST_USER_ID = 59_999;
const LOWEST_USER_ID = 59_000;

/** A user that runs PostgreSQL, which refuses to run as root. */
export interface DatabaseUser {
  readonly uid: number;
  readonly gid: number;
}

/** Places and owner of one embedded database. */
export interface PostgresHome {
  /** Ours; everything below is reachable for `user`. */
  readonly base: string;
  /** 0700, owned by `user` or by us. */
  readonly data: string;
  readonly log: string;
  /** Holds the Unix socket; 0700. */
  readonly socketDirectory: string;
  /** True: made for this run under the temporary directory, to be removed after it. */
  readonly socketDirectoryIsTemporary: boolean;
  /** Only if we are root. */
  readonly user?: DatabaseUser;
}

/**
 * Finds or makes the places of a database below a state directory.
 *
 * @throws {ServiceError} `state-refused` if the data belong to another user or are open to others
 */
export function preparePostgresHome(stateDirectory: string): PostgresHome {
  const own = join(stateDirectory, "postgres");
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const isRoot = process.geteuid?.() === 0;
  const base = isRoot ? reachableBase(own) : own;
  const user = isRoot ? databaseUser(base) : undefined;
  const data = join(base, "data");
  refuseForeignData(data, user);
  const { socketDirectory, temporary } = makeSocketDirectory(base, user);
  return {
    base,
    data,
    log: join(base, "postgres.log"),
    socketDirectory,
    socketDirectoryIsTemporary: temporary,
    ...(user === undefined ? {} : { user }),
  };
}

/** Whether another user can pass through every directory on the way to `path`. */
export function isReachableByOthers(path: string): boolean {
  let directory = realpathSync(path);
  for (;;) {
    if ((statSync(directory).mode & 0o001) === 0) return false;
    const parent = dirname(directory);
    if (parent === directory) return true;
    directory = parent;
  }
}

/**
 * As root: `own` itself, or a directory under /var/lib that `own/location` names. The name is drawn at random, so
 * that a state directory made anew never meets the data of the one before.
 */
function reachableBase(own: string): string {
  const locationFile = join(own, "location");
  const location = existsSync(locationFile)
    ? readFileSync(locationFile, "utf8").trim()
    : isReachableByOthers(dirname(own))
      ? own
      : join(REACHABLE_BASE, Buffer.from(randomBytes(9)).toString("hex"));
  mkdirSync(location, { recursive: true, mode: 0o711 });
  chmodSync(location, 0o711);
  if (!isReachableByOthers(location)) {
    throw new ServiceError(
      "state-refused",
      `${location}: expected a place that users other than root can reach, for the database's own user`,
    );
  }
  if (!existsSync(locationFile)) writeFileDurably(locationFile, `${location}\n`, 0o600);
  return location;
}

/** The user that this database was given at its first start; chosen so that nobody else has it. */
function databaseUser(base: string): DatabaseUser {
  const file = join(base, "uid");
  if (!existsSync(file)) writeFileDurably(file, `${chooseUserId()}\n`, 0o600);
  const uid = Number(readFileSync(file, "utf8").trim());
  if (!Number.isInteger(uid) || uid <= 0) {
    throw new ServiceError("state-refused", `${file}: expected the number of an ordinary user`);
  }
  return { uid, gid: uid };
}

function chooseUserId(): number {
  const taken = new Set<number>();
  for (const line of readFileSync("/etc/passwd", "utf8").split("\n")) taken.add(Number(line.split(":")[2]));
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = lstatSync(join("/proc", entry), { throwIfNoEntry: false });
    if (stat !== undefined) taken.add(stat.uid);
  }
  for (let uid = HIGHEST_USER_ID; uid >= LOWEST_USER_ID; uid--) if (!taken.has(uid)) return uid;
  throw new ServiceError("state-refused", "found no unused user id for the database");
}

function refuseForeignData(data: string, user: DatabaseUser | undefined): void {
  const stat = lstatSync(data, { throwIfNoEntry: false });
  if (stat === undefined) return;
  const owner = user?.uid ?? process.geteuid?.();
  if (!stat.isDirectory() || stat.uid !== owner) {
    throw new ServiceError(
      "state-refused",
      `${data}: expected a directory of user ${owner}, came ${stat.uid}`,
    );
  }
  if ((stat.mode & 0o077) !== 0) {
    throw new ServiceError(
      "state-refused",
      `${data}: expected a directory that only its owner can open (0700)`,
    );
  }
}

function makeSocketDirectory(base: string, user: DatabaseUser | undefined) {
  const beside = join(base, "run");
  const temporary = Buffer.byteLength(join(beside, `.s.PGSQL.${SOCKET_PORT}.lock`)) > MAX_SOCKET_PATH_BYTES;
  const socketDirectory = temporary ? shortDirectory(join(base, "socket-directory"), user) : beside;
  mkdirSync(socketDirectory, { recursive: true, mode: 0o700 });
  if (user !== undefined) chownSync(socketDirectory, user.uid, user.gid);
  return { socketDirectory, temporary };
}

/** The one that `file` names from a run that was killed, or a new one. Anybody can make names in /tmp: check whose. */
function shortDirectory(file: string, user: DatabaseUser | undefined): string {
  if (existsSync(file)) {
    const before = readFileSync(file, "utf8").trim();
    const stat = lstatSync(before, { throwIfNoEntry: false });
    const owner = user?.uid ?? process.geteuid?.();
    if (stat?.isDirectory() && stat.uid === owner && (stat.mode & 0o077) === 0) return before;
  }
  const fresh = mkdtempSync(join(tmpdir(), "menshen-"));
  writeFileDurably(file, `${fresh}\n`, 0o600);
  return fresh;
}
