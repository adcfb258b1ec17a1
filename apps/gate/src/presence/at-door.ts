import { type AccessPointId, CredentialKey, type Holder, type Instant } from "@menshen/domain";
import { AT_DOOR_MS, MAX_AT_DOOR, type PresenceReport } from "@menshen/wire";
import type { CardKeys } from "../held/card-keys.ts";
import type { AppendOutcome } from "../store/journal.ts";
import type { SealedIdentity } from "../store/journal-draft.ts";

/** Who was refused within the last ten minutes, and their home and role where guards may read it. In memory only. */
export interface AtDoor {
  /** Whose tap was refused, under its journal entry; nothing is kept of an entry without a number or without somebody. */
  note(
    accessPointId: AccessPointId,
    written: AppendOutcome,
    identity: Pick<SealedIdentity, "credentialKey"> | undefined,
  ): void;
  list(): PresenceReport["atDoor"];
  /** Who was refused under that journal entry, as gates call them; undefined after ten minutes, and for nobody known. */
  holderOf(sequence: number): Holder | undefined;
}

export interface AtDoorOptions {
  readonly cardKeys: () => Pick<CardKeys, "person"> | undefined;
  readonly earliest: () => Instant;
  readonly monotonicMs: () => number;
  readonly changed: () => void;
}

interface Refused {
  readonly untilMs: number;
  readonly sequence: number;
  readonly holder: Holder;
  readonly shown: PresenceReport["atDoor"][number] | undefined;
}

export function makeAtDoor(options: AtDoorOptions): AtDoor {
  let taps: readonly Refused[] = [];
  const current = () => {
    const nowMs = options.monotonicMs();
    taps = taps.filter(({ untilMs }) => nowMs < untilMs);
    return taps;
  };
  return {
    note(accessPointId, written, identity) {
      if (!written.stored || identity === undefined) return;
      const person = options.cardKeys()?.person(CredentialKey(identity.credentialKey));
      if (person === undefined) return;
      const { holder, whose } = person;
      const { sequence } = written;
      // Without a home and a role the community tells guards nothing, or there is nothing to tell.
      const isShown = Object.keys(whose).length > 0;
      const shown = isShown ? { ...whose, sequence, at: options.earliest(), accessPointId } : undefined;
      const untilMs = options.monotonicMs() + AT_DOOR_MS;
      taps = [...current(), { untilMs, sequence, holder, shown }].slice(-MAX_AT_DOOR);
      if (isShown) options.changed();
    },
    list: () => current().flatMap(({ shown }) => (shown === undefined ? [] : [shown])),
    holderOf: (sequence) => current().find((tap) => tap.sequence === sequence)?.holder,
  };
}
