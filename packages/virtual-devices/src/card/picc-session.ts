import type { CommMode } from "./native-status.ts";

/** The card's end of one secure messaging session. */
export interface PiccSession {
  /**
   * Takes the protection off a command's body.
   *
   * @param header the part that is never enciphered
   * @param body what stood behind the header: payload and MAC
   * @returns the payload, or undefined if MAC or padding are wrong
   */
  open(mode: CommMode, ins: number, header: Uint8Array, body: Uint8Array): Uint8Array | undefined;
  /** Counts the command and protects its answer. */
  seal(mode: CommMode, status: number, data: Uint8Array): Uint8Array;
}

/** The card's end of AuthenticateEV2, between the first and the second part. */
export interface PiccHandshake {
  /** Answer to the first part, 16 bytes. */
  readonly challenge: Uint8Array;
  /** Answer to the second part and the session, or undefined if the reader does not know the key. */
  finish(answer: Uint8Array): { readonly response: Uint8Array; readonly session: PiccSession } | undefined;
}

/** Begins AuthenticateEV2First; `capabilities` are the reader's, at most 6 bytes. */
export type BeginFirst = (key: Uint8Array, capabilities: Uint8Array) => PiccHandshake;

/** Begins AuthenticateEV2NonFirst: transaction identifier and command counter of `session` go on. */
export type BeginNonFirst = (key: Uint8Array, session: PiccSession) => PiccHandshake;
