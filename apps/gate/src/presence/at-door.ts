import { type AccessPointId, CredentialKey, type Instant } from "@menshen/domain";
import { AT_DOOR_MS, MAX_AT_DOOR, type PresenceReport } from "@menshen/wire";
import type { CardKeys } from "../held/card-keys.ts";
import type { AppendOutcome } from "../store/journal.ts";
import type { SealedIdentity } from "../store/journal-draft.ts";

/** Home and role of whoever was refused within the last ten minutes. In memory only. */
export interface AtDoor {
  /** Whose tap was refused, under its journal entry; nothing is kept of an entry without a number or without somebody. */
  note(
    accessPointId: AccessPointId,
    written: AppendOutcome,
    identity: Pick<SealedIdentity, "credentialKey"> | undefined,
  ): void;
  list(): PresenceReport["atDoor"];
}

export interface AtDoorOptions {
  readonly cardKeys: () => Pick<CardKeys, "person"> | undefined;
  readonly earliest: () => Instant;
  readonly monotonicMs: () => number;
  readonly changed: () => void;
}

export function makeAtDoor(options: AtDoorOptions): AtDoor {
  let taps: readonly { readonly untilMs: number; readonly shown: PresenceReport["atDoor"][number] }[] = [];
  const current = () => {
    const nowMs = options.monotonicMs();
    taps = taps.filter(({ untilMs }) => nowMs < untilMs);
    return taps;
  };
  return {
    note(accessPointId, written, identity) {
      if (!written.stored || identity === undefined) return;
      const person = options.cardKeys()?.person(CredentialKey(identity.credentialKey));
      // Without a home and a role the community tells guards nothing, or there is nothing to tell.
      if (person === undefined || Object.keys(person.whose).length === 0) return;
      const { sequence } = written;
      const shown = { ...person.whose, sequence, at: options.earliest(), accessPointId };
      taps = [...current(), { untilMs: options.monotonicMs() + AT_DOOR_MS, shown }].slice(-MAX_AT_DOOR);
      options.changed();
    },
    list: () => current().map(({ shown }) => shown),
  };
}
