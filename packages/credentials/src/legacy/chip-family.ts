import { type CardVersion, chipFamilyOf } from "../card/card-version.ts";

/** What a reader may tell of a card before anything is proved. Each part is absent where the reader keeps it. */
export interface ChipTraits {
  /** ATQA, two bytes in the order of the air interface (ISO/IEC 14443-3 §6.5.2). */
  readonly atqa?: Uint8Array;
  /** SAK, the last one (ISO/IEC 14443-3 §6.5.3). */
  readonly sak?: number;
  /** ATR that a PC/SC reader forms. */
  readonly atr?: Uint8Array;
  /** GetVersion's answer. */
  readonly version?: CardVersion;
  /** Block 0 of a MIFARE Classic, 16 bytes, where it could be read. */
  readonly manufacturerBlock?: Uint8Array;
}

export type ChipFamily =
  | "desfire"
  | "ntag424"
  /** Crypto1 of any maker: its keys are read in seconds to minutes. */
  | "crypto1"
  /** Fudan's FM11RF08 and FM11RF08S: a key of the maker's opens every sector. */
  | "crypto1-backdoored"
  | "ultralight"
  | "unknown";

export interface ChipAssessment {
  readonly family: ChipFamily;
  /**
   * `refused`: never as a new credential. `until-a-date`: only as what is there already, grade E, watched. `keyed`: it
   * can carry keys of ours.
   */
  readonly enrolment: "keyed" | "until-a-date" | "refused";
  /** The traits do not exclude a backdoored chip: ask for block 0 before a new one is accepted. */
  readonly perhapsBackdoored: boolean;
}

/** SAK of MIFARE Classic Mini, 1K, 4K and emulations (NXP AN10833 §3.2). */
const CRYPTO1_SAKS: ReadonlySet<number> = new Set([0x01, 0x08, 0x09, 0x18, 0x28, 0x38, 0x88]);
/** PC/SC part 3, supplement: registered identifier of its workgroup, then standard and name of a storage card. */
const PCSC_WORKGROUP = [0xa0, 0x00, 0x00, 0x03, 0x06];
const PCSC_CRYPTO1 = new Set([0x0001, 0x0002, 0x0026]);
const PCSC_ULTRALIGHT = 0x0003;
/** Block 0 behind UID, check byte, SAK and ATQA (eprint 2024/1275 §2; the patterns are from memory). */
const FM11RF08 = [0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69];
const FM11RF08S_FIRST: ReadonlySet<number> = new Set([0x01, 0x02, 0x03, 0x04, 0x05]);
const FM11RF08S_LAST = 0x90;

/**
 * Which family of chips a card belongs to, as far as the reader could tell. A copy can claim any of it: this refuses
 * what says itself that it is weak, and vouches for nothing.
 */
export function assessChip(traits: ChipTraits): ChipAssessment {
  const { version, manufacturerBlock, sak } = traits;
  if (version !== undefined) {
    const family = chipFamilyOf(version);
    if (family !== "other") return { family, enrolment: "keyed", perhapsBackdoored: false };
  }
  const name = pcscCardName(traits.atr);
  const isCrypto1 =
    (sak !== undefined && CRYPTO1_SAKS.has(sak)) || (name !== undefined && PCSC_CRYPTO1.has(name));
  if (manufacturerBlock?.length === 16) {
    if (isBackdoored(manufacturerBlock)) {
      return { family: "crypto1-backdoored", enrolment: "refused", perhapsBackdoored: true };
    }
    return { family: "crypto1", enrolment: "until-a-date", perhapsBackdoored: false };
  }
  if (isCrypto1) return { family: "crypto1", enrolment: "until-a-date", perhapsBackdoored: true };
  const isUltralight = name === PCSC_ULTRALIGHT || (sak === 0x00 && traits.atqa?.[0] === 0x44);
  const family = isUltralight ? "ultralight" : "unknown";
  return { family, enrolment: "until-a-date", perhapsBackdoored: false };
}

function isBackdoored(block: Uint8Array): boolean {
  const maker = block.subarray(8);
  if (FM11RF08.every((byte, index) => maker[index] === byte)) return true;
  return FM11RF08S_FIRST.has(maker[0] ?? 0) && maker[7] === FM11RF08S_LAST;
}

/** Card name in the historical bytes that a reader forms for a storage card (PC/SC part 3, supplement). */
export function pcscCardName(atr: Uint8Array | undefined): number | undefined {
  if (atr === undefined) return undefined;
  const at = atr.findIndex((_, index) =>
    PCSC_WORKGROUP.every((byte, offset) => atr[index + offset] === byte),
  );
  const [high, low] = at < 0 ? [] : atr.subarray(at + 6, at + 8);
  return high === undefined || low === undefined ? undefined : (high << 8) | low;
}
