import type { XrdReport } from "../message/xwr.ts";
import type { BusEvent } from "./bus-event.ts";
import type { Handshake } from "./handshake.ts";
import type { KeyRing } from "./key-ring.ts";
import type { BusTiming, PdSettings } from "./settings.ts";

/**
 * Where a link stands. The way online is ID, CAP, CHLNG, SCRYPT, then polls; a plain link skips the handshake.
 *
 * INVARIANT: with a key ring, `online` is reached only with a session under one of the ring's keys, and every frame
 * sent in it is sealed by that session. PDCAP is not consulted on the way.
 */
export type Phase =
  | { readonly at: "down" }
  | { readonly at: "waiting"; readonly retryMs: number }
  | { readonly at: "identify" }
  | { readonly at: "capabilities" }
  | { readonly at: "handshake"; readonly handshake: Handshake }
  /** in a session under SCBK-D: KEYSET and nothing else */
  | { readonly at: "hand-over" }
  | { readonly at: "online" };

export interface PdMachineDeps {
  readonly settings: PdSettings;
  /** absent for a plain link */
  readonly keyRing: KeyRing | undefined;
  readonly timing: BusTiming;
  readonly random: (lengthBytes: number) => Uint8Array;
  readonly emit: (event: BusEvent) => void;
}

/** Whoever follows the smart card at this peripheral. */
export interface CardListener {
  /** true when the report was meant for the listener and is not to be published */
  report(report: XrdReport): boolean;
  offline(): void;
}
