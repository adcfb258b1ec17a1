import {
  type CardChannel,
  type CardPresentation,
  type CardReading,
  type ClassicSector,
  countOnCard,
  type SequenceStamp,
} from "@menshen/credentials";
import { primitives, randomBytes, toHex } from "@menshen/crypto/node";
import type { PresentationEvidence } from "@menshen/domain";
import { knowsCredential, type Snapshot } from "@menshen/policy";

/** Raises the number that a card without keys carries, and compares it with what this gate knows. */
export interface CardSequences {
  /**
   * The reading with what the number adds to it, for a card of the community that is nothing but numbers; every other reading
   * as it is. What strangers hold is not written to. Refuses nobody, and does not reject for the card's sake.
   */
  counted(reading: CardReading, channel: CardChannel, snapshot: Snapshot | undefined): Promise<CardReading>;
}

const DRAWS = 0x1_0000;

/**
 * @param options.last numbers that were stored before, by the credential's name
 * @param options.nameOf what stands for a credential key on the disk; it must not show which one
 * @param options.save nothing waits for it: a number that was not stored makes the gate remember less
 */
export function makeCardSequences(options: {
  readonly last: readonly (readonly [name: Uint8Array, stored: number])[];
  readonly nameOf: (credentialKey: Uint8Array) => Uint8Array;
  readonly save: (name: Uint8Array, stored: number) => Promise<boolean>;
  readonly classicSector?: ClassicSector | undefined;
  readonly random?: (lengthBytes: number) => Uint8Array;
}): CardSequences {
  const { classicSector, nameOf, random = randomBytes, save } = options;
  const known = new Map(options.last.map(([name, stored]) => [toHex(name), stored]));

  async function count(
    channel: CardChannel,
    { credentialKey, identifier }: CardPresentation,
  ): Promise<Pick<PresentationEvidence, "counter" | "counterMark">> {
    const stored = nameOf(credentialKey);
    const name = toHex(stored);
    const last = known.get(name);
    const found = await countOnCard(channel, {
      primitives,
      random,
      uid: identifier,
      last: last === undefined ? undefined : stampOf(last),
      ...(classicSector === undefined ? {} : { classicSector }),
    });
    if (found === undefined) return {};
    const { counter, mark, written } = found;
    if (written !== undefined && (last === undefined || written.counter > stampOf(last).counter)) {
      const next = written.counter * DRAWS + written.draw;
      known.set(name, next);
      void save(stored, next);
    }
    return {
      ...(counter === undefined ? {} : { counter }),
      ...(mark === undefined ? {} : { counterMark: mark }),
    };
  }

  return {
    async counted(reading, channel, snapshot) {
      // The reader itself answers these commands; through a bus they would go to the card.
      if (reading.outcome !== "presented" || channel.kind === "osdp-xwr" || snapshot === undefined) {
        return reading;
      }
      const { presentation } = reading;
      const { evidence, credentialKey } = presentation;
      if (presentation.kind !== "uid" || evidence.downgraded === true) return reading;
      if (!knowsCredential(snapshot, credentialKey)) return reading;
      const added = await count(channel, presentation);
      return { ...reading, presentation: { ...presentation, evidence: { ...evidence, ...added } } };
    },
  };
}

/** Both parts in the one number that the store of counters keeps, below 2^48. */
function stampOf(stored: number): SequenceStamp {
  return { counter: Math.floor(stored / DRAWS), draw: stored % DRAWS };
}
