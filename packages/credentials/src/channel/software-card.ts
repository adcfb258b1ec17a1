import { CredentialError } from "../credential-error.ts";
import type { CardChannel } from "./card-channel.ts";

/**
 * A card made of software, seen from its contacts: what virtual cards implement, and what an APDU socket or an
 * in-process channel drives.
 */
export interface SoftwareCard {
  /** What the reader would see at anticollision; absent for a card that keeps it to itself. */
  readonly uid?: Uint8Array;
  /** Answer to reset, 2 to 33 bytes (ISO/IEC 7816-3 §8). */
  readonly atr: Uint8Array;
  /** Power on, or reset while on: selection, authentication and chaining are forgotten. */
  readonly reset: () => void;
  /** Power off. */
  readonly powerOff: () => void;
  /** Answers one command APDU with one response APDU, status word included. Hostile bytes get an error status. */
  readonly transceive: (command: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/** A channel of kind `in-process` to a software card; also the way to take it out of the field. */
export interface InProcessChannel extends CardChannel {
  /** The card leaves the field: this and every later call fails with `card-removed`. */
  readonly remove: () => void;
}

/** Puts a software card into the field of a reader in the same process. Resets the card. */
export function openInProcessChannel(card: SoftwareCard): InProcessChannel {
  let state: "present" | "removed" | "closed" = "present";
  card.reset();

  function requirePresent(): void {
    if (state === "removed") throw new CredentialError("card-removed", "the card left the field");
    if (state === "closed") throw new CredentialError("closed", "the channel is closed");
  }

  function leave(next: "removed" | "closed"): void {
    if (state !== "present") return;
    state = next;
    card.powerOff();
  }

  return {
    kind: "in-process",
    ...(card.uid === undefined ? {} : { uid: card.uid }),
    atr: card.atr,
    async transceive(command) {
      requirePresent();
      const response = await card.transceive(command);
      requirePresent();
      return response;
    },
    remove: () => leave("removed"),
    close: async () => leave("closed"),
  };
}
