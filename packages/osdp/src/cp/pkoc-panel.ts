import {
  encodePkocMessage,
  makePkocAssembler,
  PKOC_VENDOR,
  type PkocMessage,
  type PkocReaderError,
} from "../message/pkoc.ts";
import { OsdpError } from "../osdp-error.ts";
import { systemTimers, type Timers } from "../timers.ts";
import type { Bus } from "./bus-api.ts";
import type { BusEvent } from "./bus-event.ts";

/** Version 1.0 of the card's protocol, the only one with a signature over a transaction identifier. */
const VERSION_1 = Uint8Array.of(0x01, 0x00);
const TRANSACTION_BYTES = 16;
const READER_IDENTIFIER_BYTES = 32;

/** What came of a card at a PKOC reader. */
export type PkocPanelOutcome =
  /** The card answered. Whether its signature holds over `transactionId` is for the owner to verify. */
  | {
      readonly kind: "proof";
      readonly publicKey: Uint8Array;
      readonly signature: Uint8Array;
      /** The panel's own, never what the reader sent back. */
      readonly transactionId: Uint8Array;
    }
  /** The reader could not read the card. */
  | { readonly kind: "reader-error"; readonly error: PkocReaderError }
  /**
   * `version`: the card does not speak 1.0; `malformed`: a message out of form; `unasked`: an answer to nothing, or a second
   * one; `timeout`: no answer in time; `refused`: the reader does not take the request.
   */
  | { readonly kind: "failed"; readonly reason: "version" | "malformed" | "unasked" | "timeout" | "refused" };

/** One PKOC reader on a bus. */
export interface PkocPanelOptions {
  readonly bus: Pick<Bus, "mfg">;
  readonly address: number;
  /** 32 bytes that name this reader to cards. */
  readonly readerIdentifier: Uint8Array;
  /** Fresh random bytes: the operating system's generator in production. */
  readonly random: (lengthBytes: number) => Uint8Array;
  readonly onOutcome: (outcome: PkocPanelOutcome) => void;
  /** default: the process's own clock */
  readonly timers?: Timers;
  /** How long a card may take; default 3,000. */
  readonly timeoutMs?: number;
}

/** The panel's side of PKOC over OSDP; it is handed every event of the bus. */
export interface PkocPanel {
  readonly handle: (event: BusEvent) => void;
}

/**
 * Answers a reader that has found a PKOC card with a fresh transaction identifier, and passes on what the card signed. One
 * dialogue at a time: a new card ends the one before.
 *
 * The reader is believed about nothing: each identifier is this panel's, used for one answer, and forgotten.
 *
 * @throws {OsdpError} `invalid-argument` for a reader identifier that is not 32 bytes
 */
export function makePkocPanel(options: PkocPanelOptions): PkocPanel {
  const { bus, address, readerIdentifier, random, onOutcome } = options;
  const { timers = systemTimers, timeoutMs = 3_000 } = options;
  if (readerIdentifier.length !== READER_IDENTIFIER_BYTES) {
    throw new OsdpError("invalid-argument", "PKOC: expected a reader identifier of 32 bytes");
  }
  const assembler = makePkocAssembler();
  let outstanding: { readonly transactionId: Uint8Array; readonly cancel: () => void } | undefined;

  function end(): void {
    outstanding?.cancel();
    outstanding = undefined;
  }

  function failed(reason: Extract<PkocPanelOutcome, { kind: "failed" }>["reason"]): PkocPanelOutcome {
    end();
    return { kind: "failed", reason };
  }

  function challenge(versions: Uint8Array): PkocPanelOutcome | undefined {
    end();
    if (!speaksVersion1(versions)) return failed("version");
    const transactionId = random(TRANSACTION_BYTES);
    const mine = { transactionId, cancel: timers.set(timeoutMs, () => onOutcome(failed("timeout"))) };
    outstanding = mine;
    const data = encodePkocMessage({
      kind: "auth-request",
      version: VERSION_1,
      readerIdentifier,
      transactionId,
    });
    void bus.mfg(address, PKOC_VENDOR, data).then((outcome) => {
      if (!outcome.accepted && outstanding === mine) onOutcome(failed("refused"));
    });
    return undefined;
  }

  function outcomeOf(message: PkocMessage): PkocPanelOutcome | undefined {
    switch (message.kind) {
      case "card-present":
        return challenge(message.versions);
      case "auth-response": {
        if (outstanding === undefined) return failed("unasked");
        const { transactionId } = outstanding;
        const { publicKey, signature, error } = message;
        end();
        return error === undefined || error.code === 0
          ? { kind: "proof", publicKey, signature, transactionId }
          : { kind: "reader-error", error };
      }
      case "reader-error":
        end();
        return { kind: "reader-error", error: message.error };
      case "transaction-refresh":
        return undefined; // identifiers are drawn card by card: there is none to refresh
      case "auth-request":
      case "next-transaction":
        return failed("malformed"); // a panel's messages do not come from readers
    }
  }

  function receive(data: Uint8Array): PkocPanelOutcome | undefined {
    try {
      const message = assembler.push(data);
      return message === undefined ? undefined : outcomeOf(message);
    } catch (error) {
      if (error instanceof OsdpError && error.code === "malformed-message") return failed("malformed");
      throw error;
    }
  }

  return {
    handle(event) {
      if (event.kind !== "mfg-reply" || event.address !== address || event.vendor !== PKOC_VENDOR) return;
      const outcome = receive(event.data);
      if (outcome !== undefined) onOutcome(outcome);
    },
  };
}

function speaksVersion1(versions: Uint8Array): boolean {
  for (let i = 0; i < versions.length; i += 2) {
    if (versions[i] === VERSION_1[0] && versions[i + 1] === VERSION_1[1]) return true;
  }
  return false;
}
