import type { AccessRights } from "@menshen/credentials";
import type { CommMode } from "./native-status.ts";

export interface CardKey {
  value: Uint8Array;
  version: number;
  /** The card's own key as the factory leaves it, a DES key of zeros, until it is made an AES key. */
  des?: boolean;
}

/** A standard data file (type 00). */
export interface StandardFile {
  readonly type: "standard";
  mode: CommMode;
  rights: AccessRights;
  /** Up to seven further sets (DESFire EV2); their `change` is never asked. */
  additionalRights?: readonly AccessRights[];
  data: Uint8Array;
}

/** A transaction MAC file (type 05): its counter and code change with every committed transaction. */
export interface TransactionMacFile {
  readonly type: "transaction-mac";
  mode: CommMode;
  rights: AccessRights;
  readonly key: CardKey;
  counter: number;
  code: Uint8Array;
  /** Whom the last committed transaction named, 16 bytes. */
  lastReaderId: Uint8Array;
}

export type DesfireFile = StandardFile | TransactionMacFile;

export interface DesfireApplication {
  /** 3 bytes as they travel. */
  readonly aid: Uint8Array;
  /** First byte of the key settings: who may change what. */
  keySettings: number;
  readonly keys: CardKey[];
  readonly files: Map<number, DesfireFile>;
}

/** The whole memory of a card; the card changes it in place. */
export interface DesfireState {
  readonly uid: Uint8Array;
  readonly masterKey: CardKey;
  readonly applications: DesfireApplication[];
  /** What GetVersion tells; EV2 unless told. */
  readonly generation?: DesfireGeneration;
  /** Tells a new random identifier each time it is powered; can never be undone. */
  randomUid?: boolean;
  /** Speaks LRP and no AES; can never be undone. */
  lrp?: boolean;
  /** FormatPICC is refused; can never be undone. */
  formatDisabled?: boolean;
}

export type DesfireGeneration = "ev2" | "ev3";

/** Key settings with everything allowed: change by the master key, directory free (AN10609 / D40 datasheet §9.3.2). */
export const OPEN_KEY_SETTINGS = 0x0f;

/** A card as it leaves the factory: nothing on it but a DES key of zeros. */
export function blankDesfire(uid: Uint8Array, generation: DesfireGeneration = "ev2"): DesfireState {
  const masterKey = { value: new Uint8Array(16), version: 0, des: true };
  return { uid: uid.slice(), masterKey, applications: [], generation };
}

/** 4 bytes of counter, least significant first, and 8 of code. */
export function transactionMacContent(file: TransactionMacFile): Uint8Array {
  const content = new Uint8Array(12);
  new DataView(content.buffer).setUint32(0, file.counter, true);
  content.set(file.code, 4);
  return content;
}
