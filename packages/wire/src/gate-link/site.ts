import { AreaId, GateId } from "@menshen/domain";
import type { Static } from "typebox";
import { makeCodec } from "../codec.ts";
import { bool, bytes, instant, list, map, optional, uint, uuid, version } from "../schema.ts";
import { MAX_SITE_PEERS } from "./door-rules.ts";

/** As many records of persons in one frame, and of counts. */
export const MAX_FRAME_WHEREABOUTS = 256;
export const MAX_FRAME_CORRECTIONS = 16;
/** The longest frame between gates. */
export const SITE_FRAME_MAX_BYTES = 256 * 1024;

const stamp = {
  /** Site time (site-network.md), not a time of day. */
  at: [0, instant()],
  /** The gate that recorded it. */
  gateId: [1, uuid(GateId)],
} as const;

/**
 * What one gate tells another, unsigned over mutual TLS between pinned keys: any part of what it knows, in whatever order
 * and however often. Without records it says that the gate is there. It never goes to the server.
 */
export const siteFrameSchema = map({
  version: [0, version(1)],
  /** Site time of the sender. */
  siteTime: [1, instant()],
  whereabouts: [
    2,
    list(
      map({
        ...stamp,
        /** As in `holders` of the keyring, or for a visitor and an unknown card the first bytes of a hash. */
        holder: [2, bytes(8)],
        /** Absent: not known any more. */
        areaId: [3, optional(uuid(AreaId))],
        isStaff: [4, bool()],
      }),
      MAX_FRAME_WHEREABOUTS,
    ),
  ],
  corrections: [
    3,
    list(
      map({
        ...stamp,
        areaId: [2, uuid(AreaId)],
        persons: [3, uint(100_000)],
        /** How many of them each gate saw again since. */
        seenAgain: [
          4,
          list(map({ gateId: [0, uuid(GateId)], count: [1, uint(100_000, 1)] }), MAX_SITE_PEERS),
        ],
      }),
      MAX_FRAME_CORRECTIONS,
    ),
  ],
});

export type SiteFrame = Static<typeof siteFrameSchema>;

export const siteFrame = makeCodec(siteFrameSchema, SITE_FRAME_MAX_BYTES);
