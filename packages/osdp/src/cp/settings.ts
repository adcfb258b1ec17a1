import { BROADCAST_ADDRESS } from "../codes.ts";
import type { CheckKind } from "../frame/frame.ts";
import { OsdpError } from "../osdp-error.ts";
import type { Scbk } from "../secure/scbk.ts";

/** How the panel talks to one peripheral. Only this decides about security; nothing a peripheral says does. */
export interface PdSettings {
  /** 0 to 126; 127 addresses whatever single peripheral is on the bus */
  readonly address: number;
  /**
   * With a key the peripheral is provisioned: it is served through a secure channel under that key or not at all.
   * `plain` is for readers that have no key; what they report is marked `secure: false`.
   */
  readonly security:
    | {
        readonly kind: "secure-channel";
        readonly key: Scbk;
        /** A key whose KEYSET may have been cut short by a restart: it is tried too, and settled by the first proof. */
        readonly offeredKey?: Scbk;
      }
    | { readonly kind: "plain" };
  /** default `crc16` */
  readonly check?: CheckKind;
  /** whether a FF byte precedes each frame; default false */
  readonly mark?: boolean;
  /** default 50 */
  readonly pollIntervalMs?: number;
  /** smart-card mode to put the reader in each time it comes online: 1 passes APDUs through; default leaves it alone */
  readonly cardMode?: 0 | 1;
}

export interface BusTiming {
  /** how long a peripheral may take to begin its answer (SIA OSDP v2.2 §5.7: REPLY_DELAY 200 ms) */
  readonly replyTimeoutMs: number;
  /** without a valid reply for this long a peripheral is offline (SIA OSDP v2.2 §5.7: 8 s) */
  readonly offlineAfterMs: number;
  /** pause before the second and later repetition of a command; the first follows at once */
  readonly repeatPauseMs: number;
  /** pause after BUSY */
  readonly busyPauseMs: number;
  /** longest BUSY */
  readonly busyLimitMs: number;
  /** first and longest pause between attempts to reach an offline peripheral; doubles in between */
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
  /** pause after a peripheral failed to prove its key or exceeded the MAC limit */
  readonly refusalPauseMs: number;
  /** a queued command that could not be sent by then is dropped, never executed late */
  readonly commandExpiryMs: number;
  /** longest silence of a card during one APDU */
  readonly cardTimeoutMs: number;
  /** longest install window an operator may open */
  readonly installWindowMaxMs: number;
  /** speed of a real line, 0 for sockets; lengthens the reply timeout by the time the bytes take */
  readonly baudRate: number;
}

export const DEFAULT_TIMING: BusTiming = {
  replyTimeoutMs: 200,
  offlineAfterMs: 8_000,
  repeatPauseMs: 400,
  busyPauseMs: 100,
  busyLimitMs: 10_000,
  reconnectMinMs: 500,
  reconnectMaxMs: 5_000,
  refusalPauseMs: 5_000,
  commandExpiryMs: 3_000,
  cardTimeoutMs: 2_000,
  installWindowMaxMs: 15 * 60_000,
  baudRate: 0,
};

export const DEFAULT_POLL_INTERVAL_MS = 50;

export const MAX_PDS = 16;

/** @throws {OsdpError} `invalid-argument` when the bus could not be run with these peripherals */
export function checkSettings(pds: readonly PdSettings[]): void {
  if (pds.length === 0 || pds.length > MAX_PDS) {
    throw new OsdpError("invalid-argument", `expected 1 to ${MAX_PDS} peripherals, came ${pds.length}`);
  }
  const addresses = new Set<number>();
  for (const { address } of pds) {
    if (!Number.isInteger(address) || address < 0 || address > BROADCAST_ADDRESS) {
      throw new OsdpError("invalid-argument", `expected an address from 0 to 127, came \`${address}\``);
    }
    if (addresses.has(address)) throw new OsdpError("invalid-argument", `address ${address} stands twice`);
    addresses.add(address);
  }
  if (addresses.has(BROADCAST_ADDRESS) && pds.length > 1) {
    throw new OsdpError(
      "invalid-argument",
      "address 127 reaches every peripheral: expected it alone on its bus",
    );
  }
}
