import type { AccessCondition, AccessRights, SdmSettings } from "@menshen/credentials";
import { fromHex } from "@menshen/crypto/node";
import type { CardKey } from "./desfire-state.ts";
import type { CommMode } from "./native-status.ts";

export interface Ntag424File {
  mode: CommMode;
  rights: AccessRights;
  readonly data: Uint8Array;
  sdm?: SdmSettings;
}

/** The whole memory of a card; the card changes it in place. */
export interface Ntag424State {
  readonly uid: Uint8Array;
  /** Keys 0 to 4. */
  readonly keys: readonly CardKey[];
  /** By native number: 1 capability container, 2 NDEF, 3 proprietary. */
  readonly files: ReadonlyMap<number, Ntag424File>;
  /** SDMReadCtr: taps read so far. */
  readCounter: number;
  /** Tells a new random identifier each time it is powered; can never be undone. */
  randomUid?: boolean;
  /** Speaks LRP and no AES; can never be undone. */
  lrp?: boolean;
  /** Present in the TagTamper variant: whether its loop was ever opened. */
  readonly tamper?: { opened: boolean };
}

/** Capability container of delivery: mapping 2.0, NDEF file E104 of 256 bytes, proprietary E105 (NT4H2421Gx §8.2.3). */
const CAPABILITY_CONTAINER = fromHex("001720010000ff0406e104010000000506e10500808283000000000000000000");

/** A card as it leaves the factory (NT4H2421Gx §8.2.3, table 6): keys of zeros. */
export function blankNtag424(uid: Uint8Array, options: { readonly tagTamper?: boolean } = {}): Ntag424State {
  const rights = (read: AccessCondition, write: AccessCondition): AccessRights => ({
    read,
    write,
    readWrite: write,
    change: 0,
  });
  return {
    uid: uid.slice(),
    keys: Array.from({ length: 5 }, () => ({ value: new Uint8Array(16), version: 0 })),
    files: new Map<number, Ntag424File>([
      [1, { mode: "plain", rights: rights("free", 0), data: CAPABILITY_CONTAINER.slice() }],
      [2, { mode: "plain", rights: rights("free", "free"), data: new Uint8Array(256) }],
      [3, { mode: "full", rights: rights(2, 3), data: new Uint8Array(128) }],
    ]),
    readCounter: 0,
    ...(options.tagTamper === true ? { tamper: { opened: false } } : {}),
  };
}
