/// <reference lib="webworker" />
import { makeTrailOpener } from "@menshen/custody";
import { ApiError, request } from "../api/client.ts";
import type { TrailEntry, TrailProgress } from "../device/device-store.ts";
import { residentKeyOf } from "../device/resident-key.ts";
import { type ReadingState, readWraps } from "./read-wraps.ts";

/** What the worker is asked. It keeps nothing: what it finds goes to whoever asked. */
export interface TrailJob {
  /** 32 bytes. */
  readonly seed: Uint8Array;
  readonly firstPosition: number;
  /** How far this key was read before. */
  readonly progress: TrailProgress | undefined;
}

/** What the worker says while it reads, and at its end. */
export type TrailReport =
  | { readonly report: "progress"; readonly state: ReadingState }
  | { readonly report: "found"; readonly entries: readonly TrailEntry[]; readonly progress: TrailProgress }
  | { readonly report: "done"; readonly found: number }
  | { readonly report: "failed"; readonly code: string };

const WRAPS = "/api/v1/resident/wraps";

self.onmessage = (event: MessageEvent<TrailJob>) => {
  read(event.data).then(
    (found) => say({ report: "done", found }),
    (error: unknown) => say({ report: "failed", code: error instanceof ApiError ? error.code : "device" }),
  );
};

function say(report: TrailReport): void {
  self.postMessage(report);
}

/** How many entries it found. */
async function read({ seed, firstPosition, progress }: TrailJob): Promise<number> {
  return readWraps({
    source: {
      extent: async () => (await request(WRAPS)).json(),
      bucket: async (index) => new Uint8Array(await (await request(`${WRAPS}/${index}`)).arrayBuffer()),
    },
    open: await makeTrailOpener(residentKeyOf(seed).trailSecret),
    progress,
    firstPosition,
    keep: async (entries, next) => say({ report: "found", entries, progress: next }),
    told: (state) => say({ report: "progress", state }),
    now: Date.now,
  });
}
