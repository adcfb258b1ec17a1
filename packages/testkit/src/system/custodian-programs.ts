import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { custodyEndpoints } from "@menshen/wire";
import type { Api } from "./api.ts";
import { ROOT, startProcess } from "./processes.ts";

/** The three bodies that keep shares. */
const BODIES = ["committee", "property", "city"] as const;
export type CustodianBody = (typeof BODIES)[number];

const MENSHEN = join(ROOT, "apps/cli/bin/menshen.js");
export const CUSTODIAN_PASSPHRASE = "海棠苑 correct horse 2026";

export interface ProgramEnd {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Three bodies' programs, each a process with a directory of its own below the test's. */
export interface CustodianPrograms {
  readonly directoryOf: (body: CustodianBody) => string;
  /** Runs `menshen custodian COMMAND` to its end. */
  readonly run: (
    body: CustodianBody,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<ProgramEnd>;
  /** Sets all three up, lets staff appoint them and makes the keys of 13 epochs. */
  readonly begin: (api: Api, server: string) => Promise<void>;
}

export function makeCustodianPrograms(options: {
  readonly runId: string;
  readonly stateDir: string;
}): CustodianPrograms {
  const { runId, stateDir } = options;
  const passphraseFile = join(stateDir, "passphrase");
  writeFileSync(passphraseFile, `${CUSTODIAN_PASSPHRASE}\n`, { mode: 0o600 });
  const directoryOf = (body: CustodianBody) => join(stateDir, body);

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
  };
}
