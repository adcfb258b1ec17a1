import { primitives, toHex, wipe } from "@menshen/crypto/node";
import { deskKeyIdOf, openDeskName } from "@menshen/custody";
import type { AccessEntry, EntryName } from "@menshen/wire";
import { MAX_NAMES, uuidBytes } from "@menshen/wire";
import { type Actor, authorise } from "../../authority/authorise.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { refusal } from "../../errors.ts";
import type { StoredEvent } from "../../gate-link/index.ts";
import { selectHolder } from "../opening/index.ts";
import { type StoredDeskKey, selectDeskKeys } from "./desk-keys.store.ts";
import type { DeskSecrets } from "./desk-secrets.ts";

/** Whose entries were, as long as the duty desk may know. */
export function makeNamesService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly secrets: DeskSecrets;
  readonly findEvent: (gateId: string, sequence: number) => Promise<StoredEvent | undefined>;
}) {
  const { db, clock, secrets, findEvent } = dependencies;

  async function keysById(): Promise<ReadonlyMap<string, StoredDeskKey>> {
    const keys = await selectDeskKeys(db, clock.now());
    return new Map(keys.map((key) => [toHex(key.id), key]));
  }

  return {
    /** Tells of each event whether a name can still be shown for it; for whoever may ask for names. */
    async nameable(events: readonly StoredEvent[]): Promise<(event: StoredEvent) => boolean> {
      const named = events.some(({ entry }) => entry?.kind === "access" && entry.body.deskName !== undefined);
      const keys = named ? await keysById() : new Map<string, StoredDeskKey>();
      return ({ entry }) => entry?.kind === "access" && keyOf(keys, entry) !== undefined;
    },

    /**
     * Names of entries; those without one are left out: not named, of before the decision, or their day's key is gone.
     * Throws `invalid-request` for more than {@link MAX_NAMES}.
     */
    async read(
      actor: Actor,
      entries: readonly { readonly gateId: string; readonly sequence: number }[],
    ): Promise<readonly EntryName[]> {
      authorise(actor, "events.name");
      if (entries.length > MAX_NAMES) {
        throw refusal("invalid-request", `names of ${MAX_NAMES} entries at most are shown at once`);
      }
      const keys = await keysById();
      const names: EntryName[] = [];
      for (const { gateId, sequence } of entries) {
        const event = await findEvent(gateId, sequence);
        if (event?.entry?.kind !== "access") continue;
        const credentialKey = openName(event.gateId, event.entry, keys);
        if (credentialKey === undefined) continue;
        const holder = await selectHolder(db, credentialKey, event.entry.latest);
        if (holder !== undefined) {
          names.push({ gateId, sequence, personId: holder.personId, name: holder.name });
        }
      }
      return names;
    },
  };

  function openName(
    gateId: StoredEvent["gateId"],
    entry: AccessEntry,
    keys: ReadonlyMap<string, StoredDeskKey>,
  ): Uint8Array | undefined {
    const key = keyOf(keys, entry);
    const { deskName, accessPointId } = entry.body;
    if (key === undefined || deskName === undefined) return undefined;
    const secretKey = secrets.open(key);
    if (secretKey === undefined) return undefined;
    try {
      const place = {
        gate: uuidBytes(gateId),
        sequence: entry.sequence,
        accessPoint: uuidBytes(accessPointId),
        timeMs: entry.earliest,
      };
      return openDeskName(primitives, secretKey, place, deskName);
    } finally {
      wipe(secretKey);
    }
  }
}

/** The key that an entry is named to; none for an entry that lies outside the key's time, whatever a gate wrote. */
function keyOf(
  keys: ReadonlyMap<string, StoredDeskKey>,
  { earliest, latest, body }: AccessEntry,
): StoredDeskKey | undefined {
  const id = body.deskName === undefined ? undefined : deskKeyIdOf(body.deskName);
  const key = id === undefined ? undefined : keys.get(toHex(id));
  return key !== undefined && earliest >= key.fromAt && latest < key.untilAt ? key : undefined;
}
