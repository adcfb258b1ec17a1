import type { DeviceStore } from "../device/device-store.ts";
import type { ReadingState } from "./read-wraps.ts";
import type { TrailJob, TrailReport } from "./trail-worker.ts";

/** Why a trail could not be read to its end: the server's code, `unreachable`, or `device` for this browser itself. */
export class TrailError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`the trail could not be read: ${code}`);
    this.name = "TrailError";
    this.code = code;
  }
}

/** Whose trail is read, and where it is kept. */
export interface TrailToRead {
  readonly store: Pick<DeviceStore, "progress" | "keepTrail">;
  /** 32 bytes. */
  readonly seed: Uint8Array;
  readonly firstPosition: number;
  /** A key that was one's own before: all that is kept is tried with it, once, and how far the present one has come stays. */
  readonly isFormer?: boolean;
}

/**
 * Reads what is new of the trail, in a worker, so that the page stays alive meanwhile. What was found is in the store when the
 * promise is kept, and partly before.
 *
 * @returns how many entries were opened
 * @throws {TrailError}
 */
export async function readTrail(
  { store, seed, firstPosition, isFormer = false }: TrailToRead,
  told: (state: ReadingState) => void,
): Promise<number> {
  const progress = isFormer ? undefined : await store.progress();
  const worker = new Worker(new URL("./trail-worker.ts", import.meta.url), { type: "module" });
  // One after the other, as they were found.
  let kept: Promise<void> = Promise.resolve();
  const finished = new Promise<number>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<TrailReport>) => {
      const report = event.data;
      if (report.report === "progress") told(report.state);
      else if (report.report === "found") {
        kept = kept.then(() => store.keepTrail(report.entries, isFormer ? undefined : report.progress));
        // Said at the end; a rejection that nobody waits for yet is no fault of the page.
        kept.catch(() => {});
      } else if (report.report === "done") {
        kept.then(
          () => resolve(report.found),
          () => reject(new TrailError("device")),
        );
      } else reject(new TrailError(report.code));
    };
    worker.onerror = () => reject(new TrailError("device"));
  });
  const job: TrailJob = { seed, firstPosition, progress };
  worker.postMessage(job);
  return finished.finally(() => worker.terminate());
}
