/// <reference lib="webworker" />
import { ed25519Verify, primitives, sha256 } from "@menshen/crypto";
import { logOverHttp, logVerifyKeysOf } from "@menshen/evidence";
import type { LogDescription } from "@menshen/wire";
import { type HomesLook, type HomesWatched, type HomeToWatch, watchHomes } from "./watch-homes.ts";

/** What the worker is asked. */
export interface HomesJob {
  readonly log: LogDescription;
  readonly before: HomesWatched | undefined;
  readonly homes: readonly HomeToWatch[];
}

/** What the worker says while it reads, and at its end. */
export type HomesReport =
  | { readonly report: "progress"; readonly verified: number }
  | { readonly report: "done"; readonly look: HomesLook }
  | { readonly report: "failed" };

self.onmessage = ({ data }: MessageEvent<HomesJob>) => {
  look(data).then(
    (found) => say({ report: "done", look: found }),
    () => say({ report: "failed" }),
  );
};

function say(report: HomesReport): void {
  self.postMessage(report);
}

async function look({ log, before, homes }: HomesJob): Promise<HomesLook> {
  const keys = logVerifyKeysOf({ sha256 }, log);
  if (keys === undefined) throw new Error("the log's key cannot be used");
  return watchHomes({
    crypto: { ...primitives, sha256, ed25519Verify },
    // What the server has now, not what this browser kept of it.
    reader: logOverHttp((url, init) => fetch(url, { ...init, cache: "no-store" }), "/log"),
    keys,
    before,
    homes,
    told: (verified) => say({ report: "progress", verified }),
  });
}
