/// <reference lib="webworker" />
import { makeTrailOpener } from "@menshen/custody";
import { ApiError, request } from "../api/client.ts";
import { openDeviceStore } from "../device/device-store.ts";
import { residentKeyOf } from "../device/resident-key.ts";
import { type ReadingState, readWraps } from "./read-wraps.ts";

/** What the worker is asked. */
export interface TrailJob {
  readonly firstPosition: number;
}

/** What the worker says while it reads, and at its end. */
export type TrailReport =
  | { readonly report: "progress"; readonly state: ReadingState }
  | { readonly report: "done" }
  | { readonly report: "failed"; readonly code: string };

const WRAPS = "/api/v1/resident/wraps";

self.onmessage = (event: MessageEvent<TrailJob>) => {
  read(event.data).then(
    () => say({ report: "done" }),
    (error: unknown) => say({ report: "failed", code: error instanceof ApiError ? error.code : "device" }),
  );
};

function say(report: TrailReport): void {
  self.postMessage(report);
}

async function read({ firstPosition }: TrailJob): Promise<void> {
  const store = await openDeviceStore();
  try {
    const owner = await store.owner();
    if (owner === undefined) return;
    await readWraps({
      source: {
        extent: async () => (await request(WRAPS)).json(),
        bucket: async (index) => new Uint8Array(await (await request(`${WRAPS}/${index}`)).arrayBuffer()),
      },
      open: await makeTrailOpener(residentKeyOf(owner.seed).trailSecret),
      progress: await store.progress(),
      firstPosition,
      keep: store.keepTrail,
      told: (state) => say({ report: "progress", state }),
      now: Date.now,
    });
  } finally {
    store.close();
  }
}
