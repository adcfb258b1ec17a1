import { fromHex } from "@menshen/crypto/node";
import type { PresenceDelta, SavedPresence } from "@menshen/policy";
import { siteFrame, uuidBytes, WireError } from "@menshen/wire";
import { GateError } from "../errors.ts";
import type { Seal } from "../keys/seal.ts";
import type { StoredUse } from "../store/state-file.ts";
import type { StateKeeper } from "../store/state-keeper.ts";
import type { Remote } from "../store/store-thread.ts";
import { deltaOf, encodeDelta, encodeHeartbeat } from "./presence-frames.ts";

/**
 * Where persons are, sealed on the disk record by record under names that tell nothing. What changed is written at once, one
 * write after the other: what changes meanwhile goes with the next.
 */
export interface PresenceStore {
  /** These records changed. */
  changed(delta: PresenceDelta): void;
  /** Resolves when everything that changed was written, or could not be. */
  flush(): Promise<void>;
}

export interface PresenceStoreOptions {
  readonly state: Pick<Remote<StateKeeper>, "presence" | "savePresence">;
  readonly seal: Seal;
  readonly saved: () => SavedPresence;
  /** Site time now, and how long a record counts. */
  readonly siteMs: () => number;
  readonly presenceMs: () => number;
  readonly failed: (fault: unknown) => void;
}

const PURPOSE = "menshen gate presence v1";
const AHEAD_NAME = new Uint8Array();

export function makePresenceStore(options: PresenceStoreOptions): PresenceStore {
  const { state, seal } = options;
  const holders = new Set<string>();
  const areas = new Set<string>();
  let writing: Promise<void> | undefined;

  function record(name: Uint8Array, untilMs: number, bytes: Uint8Array): StoredUse {
    return { name: seal.nameOf(PURPOSE, name), untilMs, bytes: seal.seal(PURPOSE, bytes) };
  }

  function takeChanged(): readonly StoredUse[] {
    const { aheadMs, records } = options.saved();
    const presenceMs = options.presenceMs();
    const whereabouts = records.whereabouts.filter(({ holder }) => holders.has(holder));
    const corrections = records.corrections.filter(({ areaId }) => areas.has(areaId));
    holders.clear();
    areas.clear();
    return [
      record(AHEAD_NAME, Number.MAX_SAFE_INTEGER, encodeHeartbeat(aheadMs)),
      ...whereabouts.map((each) =>
        record(
          fromHex(each.holder),
          each.atMs + presenceMs,
          encodeDelta({ whereabouts: [each], corrections: [] }, 0),
        ),
      ),
      ...corrections.map((each) =>
        record(
          uuidBytes(each.areaId),
          each.atMs + presenceMs,
          encodeDelta({ whereabouts: [], corrections: [each] }, 0),
        ),
      ),
    ];
  }

  async function write(): Promise<void> {
    while (holders.size + areas.size > 0) {
      // What could not be written is known to the other gates; it goes with this person's next move.
      await state.savePresence(takeChanged(), Math.floor(options.siteMs())).catch(options.failed);
    }
    writing = undefined;
  }

  return {
    changed({ whereabouts, corrections }) {
      for (const { holder } of whereabouts) holders.add(holder);
      for (const { areaId } of corrections) areas.add(areaId);
      if (holders.size + areas.size > 0) writing ??= write();
    },
    flush: async () => await writing,
  };
}

/** What was kept over the restart; what cannot be read is left out and told. */
export async function readPresence(
  options: Pick<PresenceStoreOptions, "state" | "seal" | "failed">,
): Promise<SavedPresence> {
  const { state, seal, failed } = options;
  const whereabouts: PresenceDelta["whereabouts"][number][] = [];
  const corrections: PresenceDelta["corrections"][number][] = [];
  let aheadMs = 0;
  const stored = await state.presence().catch((fault: unknown) => {
    failed(fault);
    return [];
  });
  for (const { bytes } of stored) {
    try {
      const frame = siteFrame.decode(seal.open(PURPOSE, bytes));
      const delta = deltaOf(frame);
      whereabouts.push(...delta.whereabouts);
      corrections.push(...delta.corrections);
      if (delta.whereabouts.length + delta.corrections.length === 0) aheadMs = frame.siteTime;
    } catch (fault) {
      if (!(fault instanceof GateError || fault instanceof WireError)) throw fault;
      failed(fault);
    }
  }
  return { aheadMs, records: { whereabouts, corrections } };
}
