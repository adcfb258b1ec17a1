import { toHex } from "@menshen/crypto";
import type { TrailOpener, TrailText } from "@menshen/custody";
import { TRAIL_WRAP_BYTES } from "@menshen/custody";
import { reasonCodeOf, uuidText } from "@menshen/wire";
import type { TrailEntry, TrailProgress } from "../device/device-store.ts";

/** Where wraps come from: the server's buckets, the same for every resident. */
export interface WrapSource {
  /** Buckets that there are, the last one perhaps not full, and how many events one holds. */
  readonly extent: () => Promise<{ readonly buckets: number; readonly size: number }>;
  /** Wraps of a bucket, one after the other. */
  readonly bucket: (index: number) => Promise<Uint8Array>;
}

/** How far reading is, for whoever waits. */
export interface ReadingState {
  readonly bucketsDone: number;
  readonly bucketsTotal: number;
  readonly found: number;
}

export interface Reading {
  readonly source: WrapSource;
  readonly open: TrailOpener;
  /** Where the last reading stopped; absent at the first. */
  readonly progress: TrailProgress | undefined;
  /** Position after which entries are wrapped to this key. */
  readonly firstPosition: number;
  readonly keep: (entries: readonly TrailEntry[], progress: TrailProgress) => Promise<void>;
  readonly told: (state: ReadingState) => void;
  readonly now: () => number;
}

/** As many wraps are tried at once: WebCrypto works beside us. */
const AT_ONCE = 64;

/**
 * Fetches every bucket since the key was registered and opens what opens. Buckets are asked for whole and in order, so
 * that the server learns nothing of which entries are whose; a full bucket is read once, the last one each time.
 *
 * @returns how many entries opened
 */
export async function readWraps(reading: Reading): Promise<number> {
  const { buckets, size } = await reading.source.extent();
  const first = reading.progress?.nextBucket ?? Math.floor(reading.firstPosition / size);
  const bucketsTotal = Math.max(0, buckets - first);
  let found = 0;
  reading.told({ bucketsDone: 0, bucketsTotal, found });
  for (let index = first; index < buckets; index += 1) {
    const entries = await openAll(await reading.source.bucket(index), reading.open);
    found += entries.length;
    // The last one may have grown by the next time.
    const nextBucket = index < buckets - 1 ? index + 1 : index;
    await reading.keep(entries, { nextBucket, readAt: reading.now() });
    reading.told({ bucketsDone: index - first + 1, bucketsTotal, found });
  }
  if (bucketsTotal === 0) await reading.keep([], { nextBucket: first, readAt: reading.now() });
  return found;
}

async function openAll(bytes: Uint8Array, open: TrailOpener): Promise<TrailEntry[]> {
  const entries: TrailEntry[] = [];
  for (let start = 0; start < bytes.length; start += TRAIL_WRAP_BYTES * AT_ONCE) {
    const wraps: Uint8Array[] = [];
    const end = Math.min(bytes.length, start + TRAIL_WRAP_BYTES * AT_ONCE);
    for (let at = start; at < end; at += TRAIL_WRAP_BYTES)
      wraps.push(bytes.subarray(at, at + TRAIL_WRAP_BYTES));
    const opened = await Promise.all(wraps.map(open));
    entries.push(...opened.filter((text) => text !== undefined).map(entryOf));
  }
  return entries;
}

function entryOf(text: TrailText): TrailEntry {
  const accessPointId = uuidText(text.accessPoint);
  return {
    id: `${accessPointId} ${text.sequence}`,
    at: text.timeMs,
    accessPointId,
    kind: text.kind,
    granted: text.granted,
    reason: reasonCodeOf(text.reason) ?? "unknown",
    keyStart: toHex(text.credential),
  };
}
