import { fromHex, toHex } from "@menshen/crypto/node";
import { GateId, Holder, Instant } from "@menshen/domain";
import type { PresenceDelta } from "@menshen/policy";
import { MAX_FRAME_CORRECTIONS, MAX_FRAME_WHEREABOUTS, type SiteFrame, siteFrame } from "@menshen/wire";

const NOTHING: PresenceDelta = { whereabouts: [], corrections: [] };

/** One frame with all of a delta, which must fit. @throws {WireError} `invalid` if it does not */
export function encodeDelta({ whereabouts, corrections }: PresenceDelta, siteMs: number): Uint8Array {
  return siteFrame.encode({
    version: 1,
    siteTime: Instant(Math.floor(siteMs)),
    whereabouts: whereabouts.map(({ holder, areaId, atMs, gateId, isStaff }) => ({
      at: Instant(atMs),
      gateId,
      holder: fromHex(holder),
      ...(areaId === null ? {} : { areaId }),
      isStaff,
    })),
    corrections: corrections.map(({ areaId, persons, atMs, gateId, seenAgain }) => ({
      at: Instant(atMs),
      gateId,
      areaId,
      persons,
      seenAgain: Object.entries(seenAgain).map(([gate, count]) => ({ gateId: GateId(gate), count })),
    })),
  });
}

/** What says only that this gate is there, and what time it has. */
export const encodeHeartbeat = (siteMs: number): Uint8Array => encodeDelta(NOTHING, siteMs);

/** Everything, in as many frames as it takes; the first tells the time. */
export function encodeAll(
  { whereabouts, corrections }: PresenceDelta,
  siteMs: number,
): readonly Uint8Array[] {
  const frames = [encodeHeartbeat(siteMs)];
  for (let at = 0; at < whereabouts.length; at += MAX_FRAME_WHEREABOUTS) {
    const part = whereabouts.slice(at, at + MAX_FRAME_WHEREABOUTS);
    frames.push(encodeDelta({ ...NOTHING, whereabouts: part }, siteMs));
  }
  for (let at = 0; at < corrections.length; at += MAX_FRAME_CORRECTIONS) {
    const part = corrections.slice(at, at + MAX_FRAME_CORRECTIONS);
    frames.push(encodeDelta({ ...NOTHING, corrections: part }, siteMs));
  }
  return frames;
}

export function deltaOf(frame: SiteFrame): PresenceDelta {
  return {
    whereabouts: frame.whereabouts.map(({ holder, areaId, at, gateId, isStaff }) => ({
      holder: Holder(toHex(holder)),
      areaId: areaId ?? null,
      atMs: at,
      gateId,
      isStaff,
    })),
    corrections: frame.corrections.map(({ areaId, persons, at, gateId, seenAgain }) => ({
      areaId,
      persons,
      atMs: at,
      gateId,
      seenAgain: Object.fromEntries(seenAgain.map(({ gateId: gate, count }) => [gate, count])),
    })),
  };
}
