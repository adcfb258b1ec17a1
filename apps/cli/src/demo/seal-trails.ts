import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { randomBytes, toHex } from "@menshen/crypto/node";
import { writeFileDurably } from "@menshen/service-kit/process";
import { custodyEndpoints, evidenceEndpoints, witnessEndpoints } from "@menshen/wire";
import type { ApiClient } from "../api/client.ts";
import type { Crew, Member } from "./crew.ts";
import type { Site } from "./site-file.ts";

/** The bodies of the demonstration that hold shares; any two of them open. */
export const CUSTODIANS = ["committee", "property", "city"] as const;
/** Witnesses of two bodies, each a process with its own key and memory; one cannot be shown a log that the other is not. */
export const WITNESSES = [
  { body: "city", member: "witness" },
  { body: "committee", member: "witness-committee" },
] as const;

const THRESHOLD = 2;
/** The log begins within a second; a machine under load takes longer. */
const LOG_BEGINS_MS = 60_000;
const LOOK_EVERY_MS = 500;

/** Name of a custodian's program among the processes, and of its folder. */
export function custodianName(body: string): string {
  return `custodian-${body}`;
}

/** A witness of the demonstration, where it runs. */
type RunningWitness = (typeof WITNESSES)[number] & { readonly running: Member | undefined };

/** The witnesses of earlier starts; not `running` before the first, and if one cannot be started: its log says why. */
export function startWitnesses(stateDir: string, crew: Crew): Promise<readonly RunningWitness[]> {
  return Promise.all(
    WITNESSES.map(async (witness) => {
      const config = witnessFile(stateDir, witness.member);
      if (!existsSync(config)) return { ...witness, running: undefined };
      const started = crew.startTool(witness.member, ["witness", "--config", config]);
      return { ...witness, running: await started.catch(() => undefined) };
    }),
  );
}

/**
 * Gives the log witnesses of two bodies, and the entries three custodians with keys, all on this one machine: for
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
  readonly witnesses: Promise<readonly RunningWitness[]>;
  /** Writes `site` down. */
  readonly note: () => void;
}): Promise<void> {
  const { site, staff, note } = task;
  if (site.sealed !== true) {
    if (staff === undefined) return;
    await registerWitnesses(task, staff);
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

async function registerWitnesses(task: Task, staff: ApiClient): Promise<void> {
  const { logKey } = await logThatBegan(staff);
  const witnesses = await task.witnesses;
  const running = await Promise.all(witnesses.map((witness) => runningWitness(task, witness, logKey)));
  const before = await staff.call(witnessEndpoints.list, {});
  for (const { body, url, key } of running) {
    if (before.items.some((witness) => witness.key === key)) continue;
    await staff.call(witnessEndpoints.add, { body: { body, url, key } });
  }
  if (before.settings.quorum < WITNESSES.length) {
    const { settings } = await staff.call(witnessEndpoints.list, {});
    await staff.call(witnessEndpoints.settings, { body: { ...settings, quorum: WITNESSES.length } });
  }
}

async function runningWitness({ stateDir, crew }: Task, witness: RunningWitness, logKey: string) {
  const { body, member } = witness;
  const file = witnessFile(stateDir, member);
  const config = (port: number) => ({
    stateDir: join(stateDir, member),
    listen: { host: "127.0.0.1", port },
    name: `${body}.demonstration/witness`,
    logs: [logKey],
  });
  let { running } = witness;
  if (running === undefined) {
    writeJson(file, config(0));
    running = await crew.startTool(member, ["witness", "--config", file]);
    // It is registered with its address, so it must come back to the same.
    writeJson(file, config(Number(new URL(String(running.facts.url)).port)));
  }
  return { body, url: String(running.facts.url), key: String(running.facts.verifierKey) };
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

function witnessFile(stateDir: string, member: string): string {
  return join(stateDir, `${member}.json`);
}

function writeJson(file: string, value: object): void {
  writeFileDurably(file, `${JSON.stringify(value, undefined, 2)}\n`, 0o600);
}
