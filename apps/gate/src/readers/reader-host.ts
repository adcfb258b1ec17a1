import type { CardChannel } from "@menshen/credentials";
import type { ReaderId } from "@menshen/domain";
import type { FormattedCard, RawCard } from "@menshen/osdp";
import type { ReaderEvent } from "@menshen/wire";
import type { Findings } from "../findings.ts";
import type { ReaderStates } from "./reader-state.ts";

/** What the gate offers to the ways its readers are connected by. */
export interface ReaderHost {
  readonly findings: Findings;
  readonly states: ReaderStates;
  /** Journals an event of a reader, limited where an outsider can repeat it. */
  record(readerId: ReaderId, event: ReaderEvent, count?: number): void;
  /**
   * A card is in the field. Resolves when the dialogue, the decision and the door are done; the channel is closed by
   * then. Never rejects.
   */
  cardPresent(readerId: ReaderId, openChannel: () => CardChannel | Promise<CardChannel>): Promise<void>;
  /** A reader sent a number. */
  numberRead(readerId: ReaderId, card: RawCard): void;
  /** A reader sent characters that it decoded itself. */
  textRead(readerId: ReaderId, card: FormattedCard): void;
  /** Keys were pressed at a reader's keypad, as osdp_KEYPAD tells them. */
  keysPressed(readerId: ReaderId, keys: Uint8Array): void;
  /** Shows whoever stands at a reader that it did not work. */
  tryAgain(readerId: ReaderId): void;
  /** The inputs of a unit, 1 for an active (closed) one. */
  inputs(readerId: ReaderId, states: readonly number[]): void;
  /** A unit is there (again): its outputs and lamps must be told what holds now. */
  available(readerId: ReaderId): void;
  /** A unit is gone: its inputs say nothing any more. */
  unavailable(readerId: ReaderId): void;
}
