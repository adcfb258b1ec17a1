import type { WrapBuckets } from "@menshen/wire";
import type { Database } from "../../database/database.ts";
import { refusal } from "../../errors.ts";
import type { GateLink } from "../../gate-link/index.ts";
import { selectWraps } from "./wraps.store.ts";

/** Events per bucket. */
export const WRAP_BUCKET_SIZE = 1_024;

export type WrapsService = ReturnType<typeof makeWrapsService>;

/**
 * Hands out what the gates wrapped for residents. INVARIANT: nothing here takes a person. Who asked for a bucket, and
 * when, says nothing of whose wraps lie in it, for everybody takes all of them; and their order says nothing of when
 * they were made, beyond the bucket.
 */
export function makeWrapsService(dependencies: {
  readonly db: Database;
  readonly gateLink: Pick<GateLink, "lastPosition">;
}) {
  const { db, gateLink } = dependencies;
  return {
    async count(): Promise<WrapBuckets> {
      const lastPosition = await gateLink.lastPosition();
      const buckets = lastPosition === 0 ? 0 : Math.floor(lastPosition / WRAP_BUCKET_SIZE) + 1;
      return { buckets, size: WRAP_BUCKET_SIZE, lastPosition };
    },

    /** Wraps of 96 bytes each in the order of their bytes; throws `not-found` for a bucket that is not begun. */
    async read(bucket: number): Promise<{ readonly bytes: Buffer; readonly full: boolean }> {
      const first = bucket * WRAP_BUCKET_SIZE;
      const until = first + WRAP_BUCKET_SIZE;
      // Read before the wraps: what is stored meanwhile can only make a bucket look less full than it is.
      const lastPosition = await gateLink.lastPosition();
      if (lastPosition < Math.max(first, 1)) throw refusal("not-found", "there is no such bucket yet");
      const wraps = await selectWraps(db, first, Math.min(until, lastPosition + 1));
      return { bytes: Buffer.concat(wraps.toSorted(Buffer.compare)), full: lastPosition >= until - 1 };
    },
  };
}
