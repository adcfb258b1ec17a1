import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StoreContents } from "@menshen/custody";
import { type Api, ROOT, startProcess } from "@menshen/testkit/system";
import { custodyEndpoints } from "@menshen/wire";
import { readStore } from "./custodian-store.ts";

export const BODIES = ["committee", "property", "city"] as const;
export type Body = (typeof BODIES)[number];

const MENSHEN = join(ROOT, "apps/cli/bin/menshen.js");
const PASSPHRASE = "海棠苑 correct horse 2026";

export interface ProgramEnd {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Three bodies' programs, each a process with a directory of its own below the test's. */
export interface CustodianPrograms {
  readonly directoryOf: (body: Body) => string;
  /** Runs `menshen custodian COMMAND` to its end. */
  readonly run: (
    body: Body,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<ProgramEnd>;
  /** Sets all three up, lets staff appoint them and makes the keys of 13 epochs. */
  readonly begin: (api: Api, server: string) => Promise<void>;
  readonly storeOf: (body: Body) => Promise<StoreContents>;
  /** What a backup of the body's directory holds: paths of its files, by a tar that heeds the marks of caches. */
  readonly backedUp: (body: Body) => readonly string[];
}

export function makeCustodianPrograms(options: {
  readonly runId: string;
  readonly stateDir: string;
}): CustodianPrograms {
  const { runId, stateDir } = options;
  const passphraseFile = join(stateDir, "passphrase");
  writeFileSync(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
  const directoryOf = (body: Body) => join(stateDir, body);

  const run: CustodianPrograms["run"] = async (body, [command = "", ...rest], env = {}) => {
    const place = ["--state", directoryOf(body), "--passphrase-file", passphraseFile];
    const process = startProcess(MENSHEN, ["custodian", command, ...rest, "--json", ...place], {
      runId,
      env: { LC_ALL: "C", ...env },
    });
    const { code } = await process.ended;
    return { code, out: process.stdout(), err: process.stderr() };
  };
  async function all(...args: readonly string[]): Promise<readonly ProgramEnd[]> {
    const ends = await Promise.all(BODIES.map((body) => run(body, args)));
    const failed = ends.find(({ code }) => code !== 0);
    if (failed !== undefined) throw new Error(failed.err);
    return ends;
  }

  return {
    directoryOf,
    run,
    async begin(api, server) {
      const inits = await all("init", "--server", server, "--yes");
      const members = inits.map(({ out }, position) => {
        const { identityKey }: { identityKey: string } = JSON.parse(out);
        return { body: BODIES[position] ?? "", identityKey };
      });
      await api.call(custodyEndpoints.appoint, { body: { threshold: 2, members } });
      await all("ceremony", "--yes");
    },
    storeOf: (body) => readStore(directoryOf(body), PASSPHRASE),
    backedUp(body) {
      const { status, stdout, stderr } = spawnSync(
        "tar",
        ["--exclude-caches", "-cvf", "/dev/null", directoryOf(body)],
        { encoding: "utf8" },
      );
      if (status !== 0) throw new Error(stderr);
      return stdout.split("\n").filter((path) => path !== "" && !path.endsWith("/"));
    },
  };
}
