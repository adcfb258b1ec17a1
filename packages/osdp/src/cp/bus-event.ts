import type { FormattedCard, KeypadEntry, PdCapability, PdIdentity, RawCard } from "../message/reply.ts";
import type { XrdReport } from "../message/xwr.ts";

/** Why a peripheral is no longer served. */
export type OfflineReason =
  /** no valid reply for the offline time */
  | "no-reply"
  /** the line itself is closed */
  | "transport-closed"
  /** it answered BUSY for longer than allowed */
  | "busy"
  /** it refused identification or refused polls again and again */
  | "refused"
  /** the secure channel could not be established: it does not hold the key */
  | "key-mismatch"
  /** the secure channel of a running link ended; a new one is being tried */
  | "secure-channel-lost"
  /** too many wrong MACs in a short time: held off */
  | "mac-failures"
  /** the bus was stopped */
  | "stopped";

/** How a secure channel ended. `rekey` and `stopped` are the panel's own doing, all others count as tampering. */
export type SecureChannelLoss =
  | "refused-by-reader"
  | "mac-failures"
  | "sequence"
  | "no-reply"
  | "busy"
  | "transport-closed"
  | "rekey"
  | "install-window-closed"
  | "stopped";

export type SecureChannelState =
  | { readonly state: "established"; readonly key: "scbk" | "scbk-d" }
  | { readonly state: "lost"; readonly cause: SecureChannelLoss }
  /** the handshake failed: wrong cryptogram, wrong R-MAC-I, or a NAK */
  | { readonly state: "refused"; readonly key: "scbk" | "scbk-d" };

export type TamperCause = "reported" | "secure-channel-lost" | "key-mismatch";

/** What somebody did at a reader. */
export interface PersonsAct {
  readonly address: number;
  readonly secure: boolean;
  /**
   * The reader may have kept it from before this conversation, for whatever time: it had not yet answered a poll with
   * ACK, which says that nothing more waits. Nothing may open on it.
   */
  readonly stale: boolean;
}

/**
 * What a panel tells its owner. `address` is the peripheral's; `secure` says whether the report came through a secure
 * channel under a real key (never true under SCBK-D, where nothing but KEYSET is spoken).
 */
export type BusEvent =
  /** `flooded`: more bytes arrived within a second than any honest line brings; the rest was not looked at */
  | { readonly kind: "bus"; readonly state: "connected" | "disconnected" | "flooded" }
  | {
      readonly kind: "online";
      readonly address: number;
      readonly secure: boolean;
      readonly identity: PdIdentity;
      /** As the peripheral claims; sizes messages, decides nothing. */
      readonly capabilities: readonly PdCapability[];
    }
  | { readonly kind: "offline"; readonly address: number; readonly reason: OfflineReason }
  | ({ readonly kind: "secure-channel"; readonly address: number } & SecureChannelState)
  /** A new key is in force: the peripheral has proved that it holds it. */
  | { readonly kind: "key-set"; readonly address: number }
  | {
      readonly kind: "install-window";
      readonly address: number;
      readonly state: "opened" | "closed";
      /** `used` when a key was handed over, `expired` by its clock, `closed` by the operator */
      readonly cause: "operator" | "used" | "expired";
      readonly durationMs: number;
    }
  | ({ readonly kind: "card-raw" } & PersonsAct & RawCard)
  | ({ readonly kind: "card-formatted" } & PersonsAct & FormattedCard)
  | ({ readonly kind: "keypad" } & PersonsAct & KeypadEntry)
  | {
      readonly kind: "tamper";
      readonly address: number;
      readonly cause: TamperCause;
      readonly active: boolean;
    }
  | { readonly kind: "power"; readonly address: number; readonly failed: boolean }
  | {
      readonly kind: "input";
      readonly address: number;
      readonly secure: boolean;
      readonly states: readonly number[];
    }
  | {
      readonly kind: "output";
      readonly address: number;
      readonly secure: boolean;
      readonly states: readonly number[];
    }
  /** one state a reader: 0 normal, 1 not connected, 2 tamper */
  | { readonly kind: "reader-status"; readonly address: number; readonly states: readonly number[] }
  | { readonly kind: "xrd"; readonly address: number; readonly secure: boolean; readonly report: XrdReport }
  | {
      readonly kind: "line-settings";
      readonly address: number;
      readonly newAddress: number;
      readonly baudRate: number;
    }
  | {
      readonly kind: "mfg-reply";
      readonly address: number;
      readonly vendor: number;
      readonly data: Uint8Array;
    }
  /** A frame that claimed to be secured and was not; `alarm` from the moment the limit is reached. */
  | {
      readonly kind: "mac-failure";
      readonly address: number;
      readonly fault: "wrong-mac" | "wrong-padding" | "plain-reply";
      readonly count: number;
      readonly alarm: boolean;
    }
  | { readonly kind: "nak"; readonly address: number; readonly command: string; readonly reason: number }
  /**
   * A valid reply nobody had asked for: a second peripheral with this address, or somebody replaying. Told at most once
   * in ten seconds an address, with the count since the bus started.
   */
  | { readonly kind: "stray-reply"; readonly address: number; readonly count: number }
  | {
      readonly kind: "opaque-reply";
      readonly address: number;
      readonly code: number;
      readonly data: Uint8Array;
    };
