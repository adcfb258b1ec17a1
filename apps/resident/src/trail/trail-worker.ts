/// <reference lib="webworker" />
import { makeTrailOpener } from "@menshen/custody";
import { ApiError, request } from "../api/client.ts";
import { openDeviceStore } from "../device/device-store.ts";
import { residentKeyOf } from "../device/resident-key.ts";
import { type ReadingState, readWraps } from "./read-wraps.ts";

/** What the worker is asked. */
export interface TrailJob {
  readonly firstPosition: number;
  /** 32 bytes of a key that was one's own before: all that is kept is tried with it, once, and the device's own key is not. */
  readonly formerSeed?: Uint8Array;
}

/** What the worker says while it reads, and at its end. */
export type TrailReport =
  | { readonly report: "progress"; readonly state: ReadingState }
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
async function read({ firstPosition, formerSeed }: TrailJob): Promise<number> {
  const store = await openDeviceStore();
  try {
    const owner = await store.owner();
    if (owner === undefined) return 0;
    return await readWraps({
      source: {
        extent: async () => (await request(WRAPS)).json(),
        bucket: async (index) => new Uint8Array(await (await request(`${WRAPS}/${index}`)).arrayBuffer()),
      },
      open: await makeTrailOpener(residentKeyOf(formerSeed ?? owner.seed).trailSecret),
      progress: formerSeed === undefined ? await store.progress() : undefined,
      firstPosition,
      // How far the device's own key has come does not change.
      keep: formerSeed === undefined ? store.keepTrail : (entries) => store.keepTrail(entries),
      told: (state) => say({ report: "progress", state }),
      now: Date.now,
    });
  } finally {
    store.close();
  }
}
