import { type SignedCheckpoint, TILE_WIDTH } from "@menshen/evidence";
import { useEffect, useState } from "react";
import { type BundleRead, readBundle } from "../log/read-log.ts";

const bundles = new Map<string, Promise<BundleRead>>();

/** The bundle of entries at a place, verified under the checkpoint; undefined while it is read. */
export function useBundle(signed: SignedCheckpoint, index: number | undefined): BundleRead | undefined {
  const [bundle, setBundle] = useState<BundleRead>();
  useEffect(() => {
    let isGone = false;
    setBundle(undefined);
    if (index === undefined || index >= signed.checkpoint.size) return;
    const place = Math.floor(index / TILE_WIDTH);
    // Statements that stand side by side share a bundle.
    const name = `${signed.checkpoint.size} ${place}`;
    const reading = bundles.get(name) ?? readBundle(signed, place);
    bundles.set(name, reading);
    reading.then(
      (read) => {
        if (!isGone) setBundle(read);
      },
      () => bundles.delete(name),
    );
    return () => {
      isGone = true;
    };
  }, [signed, index]);
  return bundle;
}
