import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { randomBytes, toHex } from "@menshen/crypto/node";
import { writeFileDurably } from "@menshen/service-kit";
import { custodyEndpoints, evidenceEndpoints, witnessEndpoints } from "@menshen/wire";
import type { ApiClient } from "../api/client.ts";
import type { Crew, Member } from "./crew.ts";
import type { Site } from "./site-file.ts";

/** The bodies of the demonstration that hold shares; any two of them open. */
export const CUSTODIANS = ["committee", "property", "city"] as const;
export const WITNESS = "witness";

const THRESHOLD = 2;
const WITNESS_BODY = "city";
/** The log begins within a second; a machine under load takes longer. */
const LOG_BEGINS_MS = 60_000;
const LOOK_EVERY_MS = 500;

/** Name of a custodian's program among the processes, and of its folder. */
export function custodianName(body: string): string {
  return `custodian-${body}`;
}

/** The witness of earlier starts; `undefined` before the first, and when it cannot be started: its log says why. */
export async function startWitness(stateDir: string, crew: Crew): Promise<Member | undefined> {
  const config = witnessFile(stateDir);
  if (!existsSync(config)) return undefined;
  return crew.startTool(WITNESS, ["witness", "--config", config]).catch(() => undefined);
}

/**
 * Gives the log its witness of the city, and the entries three custodians with keys, all on this one machine: for
 * demonstration only. Every step looks first at what stands already, so an interrupted run goes on at the next start.
 *
 * @param task.staff absent where nobody can appoint: only what is set up already is started then
 */
export async function sealTrails(task: {
  readonly stateDir: string;
  readonly crew: Crew;
  /** Address of the community's server. */
  readonly origin: string;
  readonly site: Site;
  readonly staff: ApiClient | undefined;
  readonly witness: Promise<Member | undefined>;
  /** Writes `site` down. */
  readonly note: () => void;
}): Promise<void> {
  const { site, staff, note } = task;
  if (site.sealed !== true) {
    if (staff === undefined) return;
    await registerWitness(task, staff);
    await setUpCustodians(task);
    await appoint(site, staff);
    await holdCeremony(task, staff);
    site.sealed = true;
    delete site.session;
    note();
  }
  await Promise.all(
    CUSTODIANS.map((body) => {
      // The server may listen elsewhere than at the start before.
      writeFileDurably(join(folderOf(task.stateDir, body), "server"), `${task.origin}\n`, 0o600);
      return task.crew.startTool(custodianName(body), [
        "custodian",
        "run",
        ...openingOf(task.stateDir, body),
      ]);
    }),
  );
}

type Task = Parameters<typeof sealTrails>[0];

async function registerWitness(task: Task, staff: ApiClient): Promise<void> {
  const { stateDir, crew } = task;
  const { logKey } = await logThatBegan(staff);
  const config = (port: number) => ({
    stateDir: join(stateDir, WITNESS),
    listen: { host: "127.0.0.1", port },
    name: "city.demonstration/witness",
    logs: [logKey],
  });
  let member = await task.witness;
  if (member === undefined) {
    writeJson(witnessFile(stateDir), config(0));
    member = await crew.startTool(WITNESS, ["witness", "--config", witnessFile(stateDir)]);
    // It is registered with its address, so it must come back to the same.
    writeJson(witnessFile(stateDir), config(Number(new URL(String(member.facts.url)).port)));
  }
  const key = String(member.facts.verifierKey);
  const before = await staff.call(witnessEndpoints.list, {});
  if (!before.items.some((witness) => witness.key === key)) {
    const body = { body: WITNESS_BODY, url: String(member.facts.url), key } as const;
    await staff.call(witnessEndpoints.add, { body });
  }
  if (before.settings.quorum === 0) {
    await staff.call(witnessEndpoints.settings, { body: { ...before.settings, quorum: 1 } });
  }
}

/** Waits until the log has signed something that a witness can sign. */
async function logThatBegan(staff: ApiClient) {
  const giveUpMs = performance.now() + LOG_BEGINS_MS;
  for (;;) {
    const log = await staff.call(evidenceEndpoints.log, {});
    if (log.size > 0 || performance.now() > giveUpMs) return log;
    await sleep(LOOK_EVERY_MS);
  }
}

/** One after the other: each takes a whole processor for a moment. */
async function setUpCustodians({ stateDir, crew, origin, site, note }: Task): Promise<void> {
  site.custodians ??= {};
  for (const body of CUSTODIANS) {
    if (site.custodians[body] !== undefined) continue;
    // Begun and not ended: nobody knows its key.
    rmSync(folderOf(stateDir, body), { recursive: true, force: true });
    writeFileDurably(passphraseFile(stateDir, body), `${toHex(randomBytes(16))}\n`, 0o600);
    const { facts } = await crew.runTool(custodianName(body), [
      "custodian",
      "init",
      ...openingOf(stateDir, body),
      "--server",
      origin,
      "--yes",
    ]);
    site.custodians[body] = String(facts.identityKey);
    note();
  }
}

async function appoint(site: Site, staff: ApiClient): Promise<void> {
  const { custodians } = await staff.call(custodyEndpoints.status, {});
  if (custodians !== undefined) return;
  const members = CUSTODIANS.map((body) => ({ body, identityKey: site.custodians?.[body] ?? "" }));
  await staff.call(custodyEndpoints.appoint, { body: { threshold: THRESHOLD, members } });
}

async function holdCeremony({ stateDir, crew, origin }: Task, staff: ApiClient): Promise<void> {
  const { ceremony, epochs } = await staff.call(custodyEndpoints.status, {});
  if (epochs.some(({ setVersion }) => setVersion !== undefined)) return;
  // Cut short at an earlier start: its programs have forgotten what they said there.
  if (ceremony !== undefined)
    await staff.call(custodyEndpoints.stopCeremony, { params: { id: ceremony.id } });
  await Promise.all(
    CUSTODIANS.map((body) => {
      writeFileDurably(join(folderOf(stateDir, body), "server"), `${origin}\n`, 0o600);
      return crew.runTool(custodianName(body), [
        "custodian",
        "ceremony",
        ...openingOf(stateDir, body),
        "--yes",
      ]);
    }),
  );
}

function openingOf(stateDir: string, body: string): readonly string[] {
  return ["--state", folderOf(stateDir, body), "--passphrase-file", passphraseFile(stateDir, body)];
}

function folderOf(stateDir: string, body: string): string {
  return join(stateDir, custodianName(body));
}

function passphraseFile(stateDir: string, body: string): string {
  return join(stateDir, `${custodianName(body)}.passphrase`);
}

function witnessFile(stateDir: string): string {
  return join(stateDir, "witness.json");
}

function writeJson(file: string, value: object): void {
  writeFileDurably(file, `${JSON.stringify(value, undefined, 2)}\n`, 0o600);
}
