/** Hardware or software part of GetVersion's answer. */
export interface VersionPart {
  readonly vendor: number;
  readonly type: number;
  readonly subtype: number;
  readonly major: number;
  readonly minor: number;
  readonly storage: number;
  readonly protocol: number;
}

/** GetVersion's answer (NTAG 424 DNA data sheet §10.5.2, DESFire EV2/EV3 alike). */
export interface CardVersion {
  readonly hardware: VersionPart;
  readonly software: VersionPart;
  /** 7 bytes; absent when the card hides it (zeros, with random identifiers switched on). */
  readonly uid?: Uint8Array;
  /** Batch, fabrication key, calendar week and year, as the chip gives them. */
  readonly production: Uint8Array;
}

/** Two parts of 7 bytes, the UID, and 7 bytes of production data. */
const VERSION_BYTES = 28;

/** Chips that a custom fabrication key was ordered for append one byte. */
const VERSION_WITH_FAB_KEY_BYTES = 29;

/**
 * Reads GetVersion's gathered answer.
 *
 * @returns `undefined` when its length is not GetVersion's
 */
export function parseCardVersion(bytes: Uint8Array): CardVersion | undefined {
  if (bytes.length !== VERSION_BYTES && bytes.length !== VERSION_WITH_FAB_KEY_BYTES) return undefined;
  const uid = bytes.slice(14, 21);
  return {
    hardware: partAt(bytes, 0),
    software: partAt(bytes, 7),
    ...(uid.some((byte) => byte !== 0) ? { uid } : {}),
    production: bytes.slice(21),
  };
}

/** The frames in which a card gives its version: hardware, software, the rest. */
export function encodeCardVersion(version: CardVersion): readonly [Uint8Array, Uint8Array, Uint8Array] {
  const rest = new Uint8Array(7 + version.production.length);
  rest.set(version.uid ?? []);
  rest.set(version.production, 7);
  return [partBytes(version.hardware), partBytes(version.software), rest];
}

/** Which kind of chip this is; the low half of the type names the product family. */
export function chipFamilyOf(version: CardVersion): "desfire" | "ntag424" | "other" {
  const family = version.hardware.type & 0x0f;
  if (family === 0x01) return "desfire";
  return family === 0x04 ? "ntag424" : "other";
}

function partAt(bytes: Uint8Array, offset: number): VersionPart {
  const [vendor = 0, type = 0, subtype = 0, major = 0, minor = 0, storage = 0, protocol = 0] = bytes.subarray(
    offset,
    offset + 7,
  );
  return { vendor, type, subtype, major, minor, storage, protocol };
}

function partBytes(part: VersionPart): Uint8Array {
  const { vendor, type, subtype, major, minor, storage, protocol } = part;
  return Uint8Array.of(vendor, type, subtype, major, minor, storage, protocol);
}
