/** By which way the APDUs travel. */
export type CardChannelKind = "in-process" | "pcsc" | "osdp-xwr" | "apdu-socket";

/**
 * A way to one card in a field: command APDU in, response APDU out.
 *
 * A channel lives as long as the card stays; one dialogue at a time (a second `transceive` before the first has
 * ended is a fault of the caller).
 */
export interface CardChannel {
  readonly kind: CardChannelKind;
  /** Identifier that the reader saw at anticollision (ISO/IEC 14443-3 §6.5), 4, 7 or 10 bytes, if it told. */
  readonly uid?: Uint8Array;
  /** Answer to reset, or what the reader formed in its place (PC/SC part 3 §3.1.3.2.3.1), if it told. */
  readonly atr?: Uint8Array;
  /**
   * Sends one command APDU and waits for the response APDU, status word included (at least 2 bytes).
   *
   * @throws {CredentialError} `card-removed`, `timeout`, `closed`, `transport`
   */
  readonly transceive: (command: Uint8Array) => Promise<Uint8Array>;
  /** Lets go of the card. May be called more than once; never throws. */
  readonly close: () => Promise<void>;
}
