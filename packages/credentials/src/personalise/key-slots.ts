import type { VersionedKey } from "../desfire/key-change.ts";
import { type KeySlot, versionedSlotKey } from "./card-key-set.ts";
import { changeOtherKey, changeOwnKey, type Desk, expectedKey, keyVersionAt, provesKey } from "./desk.ts";

/** Keys of one application, as they shall be; the master, key 0, is not among them. */
export interface SlotPlan {
  readonly number: number;
  readonly target: VersionedKey;
  /** The key that stands there if the card tells this version. */
  readonly at: (version: number) => Uint8Array | undefined;
}

/** The plan of our own application's key. */
export function accessSlot(desk: Desk, number: number): SlotPlan {
  const slot: KeySlot = { in: "access", number };
  return {
    number,
    target: versionedSlotKey(desk.primitives, desk.order.keys, slot),
    at: (version) => expectedKey(desk, slot, version),
  };
}

/** Which keys an application holds now, without any session. */
export async function readSlotVersions(
  desk: Desk,
  slots: readonly SlotPlan[],
): Promise<ReadonlyMap<number, number>> {
  const versions = new Map<number, number>();
  for (const { number } of slots) versions.set(number, await keyVersionAt(desk, number));
  return versions;
}

/** A session under the master of what is selected, whichever version it has. `undefined` when it is none of ours. */
export async function openAsMaster(desk: Desk, master: KeySlot, version: number): Promise<boolean> {
  const present = expectedKey(desk, master, version);
  return present !== undefined && (await provesKey(desk, 0, present));
}

/**
 * Changes every key that is not yet as planned, and the master last: until then the card can be begun again from any
 * interruption, since each key tells its version and with it its value.
 *
 * @returns `false` for a version that belongs to no key we know
 */
export async function changeSlots(
  desk: Desk,
  slots: readonly SlotPlan[],
  versions: ReadonlyMap<number, number>,
  master: VersionedKey,
): Promise<boolean> {
  for (const { number, target, at } of slots) {
    const version = versions.get(number) ?? 0;
    if (version === target.version) continue;
    const old = at(version);
    if (old === undefined) return false;
    await changeOtherKey(desk, number, target, old);
  }
  await changeOwnKey(desk, 0, master);
  return true;
}
