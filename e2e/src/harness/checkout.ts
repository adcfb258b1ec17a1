import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, delimiter, join, relative } from "node:path";
import { ROOT } from "@menshen/testkit/system";

/** Who runs a checkout of their own. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** What belongs to one working folder and not to the repository, and what `npm start` makes. */
const NOT_CLONED = new Set([".git", ".menshen", "node_modules", "dist", "coverage"]);

/**
 * Makes a checkout in `folder` with the sources as they are now and the packages that are installed here, but without
 * anything that `npm start` builds: it prepares the rest itself.
 *
 * @param owner who works in it; ourselves if absent
 */
export function makeCheckout(folder: string, owner?: User): string {
  const checkout = join(folder, "menshen");
  cpSync(ROOT, checkout, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => relative(ROOT, source) === "" || !NOT_CLONED.has(basename(source)),
  });
  copyPackages(join(ROOT, "node_modules"), join(checkout, "node_modules"));
  rmSync(join(checkout, "node_modules/.menshen-install.json"), { force: true });
  if (owner !== undefined) giveFolders(checkout, owner);
  return checkout;
}

/** As hard links, which take no room and little time; as copies where the folders are on different disks. */
function copyPackages(from: string, to: string): void {
  if (spawnSync("cp", ["-al", from, to], { stdio: "ignore" }).status === 0) return;
  rmSync(to, { recursive: true, force: true });
  execFileSync("cp", ["-a", from, to]);
}

/** Folders only, because the packages' files are the very files of our own checkout. */
function giveFolders(path: string, { uid, gid }: User): void {
  execFileSync("find", [path, "-type", "d", "-exec", "chown", `${uid}:${gid}`, "{}", "+"]);
}

/** The environment of somebody who has just signed in: nothing of the npm and the Node that run the tests. */
export function strangersEnvironment(home: string): Record<string, string> {
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return { HOME: home, PATH: path.join(delimiter), LANG: "C.UTF-8", TERM: "xterm" };
}

/** A home folder: closed to others, as root's is, or open to its owner only. */
export function makeHome(path: string, owner?: User): void {
  mkdirSync(path, { mode: 0o700 });
  if (owner !== undefined) execFileSync("chown", [`${owner.uid}:${owner.gid}`, path]);
}

/** Data of servers' databases that lie outside of their folders, where root's may have to. */
export function databasesOutside(serverFolders: readonly string[]): string[] {
  return serverFolders
    .map((folder) => join(folder, "postgres/location"))
    .filter((note) => existsSync(note))
    .map((note) => readFileSync(note, "utf8").trim());
}
