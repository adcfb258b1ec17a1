import { primitives, toHex } from "@menshen/crypto";
import { caseMarkText, type OwnTap, type PublishedCase } from "@menshen/wire";
import type { TrailEntry } from "../device/device-store.ts";

const MARK_CHARACTERS = 32;
const encoder = new TextEncoder();

/** A case of one's own card, and the newest own tap that shows it. */
export interface OwnCase {
  readonly published: PublishedCase;
  readonly tap: OwnTap;
}

/**
 * Which of the published cases are about one's own cards: those with a mark of a tap in one's own trail. Everything happens
 * here; the server gave everybody the same list.
 */
export function ownCases(cases: readonly PublishedCase[], entries: readonly TrailEntry[]): OwnCase[] {
  const taps = entries.flatMap(tapOf).toSorted((one, other) => other.at - one.at);
  return cases.flatMap((published) => {
    const marks = new Set(published.marks);
    const tap = taps.find((one) => marks.has(markOf(published.id, one)));
    return tap === undefined ? [] : [{ published, tap }];
  });
}

function markOf(caseId: string, tap: OwnTap): string {
  return toHex(primitives.sha256(encoder.encode(caseMarkText(caseId, tap)))).slice(0, MARK_CHARACTERS);
}

/** An entry's id is its access point and the gate's number of it. */
export function tapOf({ id, at, accessPointId }: TrailEntry): OwnTap[] {
  const sequence = Number(id.split(" ")[1]);
  return Number.isSafeInteger(sequence) && sequence >= 1 ? [{ accessPointId, sequence, at }] : [];
}
