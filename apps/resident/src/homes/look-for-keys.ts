import {
  evidenceEndpoints,
  fillPath,
  type LogDescription,
  type PublicStatement,
  type ResidentHome,
} from "@menshen/wire";
import { request } from "../api/client.ts";
import type { DeviceStore } from "../device/device-store.ts";
import type { HomesJob, HomesReport } from "./homes-worker.ts";
import type { FoundEntry, HomesLook } from "./watch-homes.ts";

const LOOK = "homes-look";
const PAGE = 500;

/** What was found, and the public statements of the homes' registrations by their place in the log. */
export interface KeysLook extends HomesLook {
  readonly registrations: Readonly<Record<number, PublicStatement>>;
  /** Unix milliseconds. */
  readonly at: number;
}

/**
 * Looks for a person's homes in the log, in a worker, and remembers how far it came.
 *
 * Rejects where the log cannot be reached.
 */
export async function lookForKeys(
  store: DeviceStore,
  log: LogDescription,
  homes: readonly ResidentHome[],
  told: (verified: number) => void,
): Promise<KeysLook> {
  const last = await lastLook(store);
  const look = await inWorker({ log, before: last?.watched, homes: homes.map(keyOf) }, told);
  const wanted = look.watched.homes.flatMap(({ registrations }) => registrations);
  const registrations = await statementsAt(wanted, last?.registrations ?? {});
  const found = { ...look, registrations, at: Date.now() };
  await store.remember(LOOK, found);
  return found;
}

/** What this device found last. */
export async function lastLook(store: DeviceStore): Promise<KeysLook | undefined> {
  // Written by the function above.
  return (await store.remembered(LOOK)) as KeysLook | undefined;
}

function keyOf({ dwellingTag, homeKey }: ResidentHome) {
  return { dwellingTag, homeKey };
}

function inWorker(job: HomesJob, told: (verified: number) => void): Promise<HomesLook> {
  const worker = new Worker(new URL("./homes-worker.ts", import.meta.url), { type: "module" });
  const finished = new Promise<HomesLook>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<HomesReport>) => {
      if (data.report === "progress") told(data.verified);
      else if (data.report === "done") resolve(data.look);
      else reject(new Error("the log could not be read"));
    };
    worker.onerror = () => reject(new Error("the worker did not start"));
  });
  worker.postMessage(job);
  return finished.finally(() => worker.terminate());
}

/** The public statements at these places. All of that topic are asked for: which home one wants to see is not said. */
async function statementsAt(
  wanted: readonly FoundEntry[],
  known: Readonly<Record<number, PublicStatement>>,
): Promise<Readonly<Record<number, PublicStatement>>> {
  const found: Record<number, PublicStatement> = { ...known };
  const lacks = () => wanted.some(({ index }) => found[index] === undefined);
  let cursor: string | undefined;
  while (lacks()) {
    const query = new URLSearchParams({ topic: "dwelling-registered", limit: String(PAGE) });
    if (cursor !== undefined) query.set("cursor", cursor);
    const page: { readonly items: readonly PublicStatement[]; readonly nextCursor?: string } = await (
      await request(`${fillPath(evidenceEndpoints.statements.path, {})}?${query}`)
    ).json();
    for (const statement of page.items) {
      if (wanted.some(({ index }) => index === statement.index)) found[statement.index ?? -1] = statement;
    }
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  return found;
}
