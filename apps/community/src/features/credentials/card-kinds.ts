import { layoutOf, POINT_BYTES, PRIVACY_KEY_NUMBER } from "@menshen/credentials";
import { fromHex, isP256Point, toHex } from "@menshen/crypto/node";
import type { Grade } from "@menshen/domain";
import { refusal } from "../../errors.ts";

/** What can be enrolled at a desk. Faces are enrolled at a gate, phone passes by their owners. */
export const ENROLLABLE_KINDS = [
  "desfire",
  "ntag424",
  "uid",
  "wiegand",
  "osdp-raw",
  "pin",
  "pkoc",
  "phone",
  "plate",
] as const;
export type EnrollableKind = (typeof ENROLLABLE_KINDS)[number];

interface KindFacts {
  /** The best that this kind can reach; a tap may be weaker. */
  readonly grade: Grade;
  /** Absent for what the server draws itself. */
  readonly identifierBytes?: readonly number[] | { readonly min: number; readonly max: number };
  /** How many door groups one card can carry keys for. */
  readonly maxDoorGroups: number;
}

const FACTS: Readonly<Record<EnrollableKind, KindFacts>> = {
  desfire: { grade: "B", identifierBytes: [7], maxDoorGroups: 8 },
  ntag424: { grade: "B", identifierBytes: [7], maxDoorGroups: 2 },
  uid: { grade: "E", identifierBytes: [4, 7, 10], maxDoorGroups: 0 },
  wiegand: { grade: "E", identifierBytes: [7], maxDoorGroups: 0 },
  "osdp-raw": { grade: "E", identifierBytes: { min: 3, max: 64 }, maxDoorGroups: 0 },
  pin: { grade: "D", maxDoorGroups: 0 },
  // Over NFC; its key is its own, so there is none of ours to write.
  pkoc: { grade: "C", identifierBytes: [32], maxDoorGroups: 0 },
  // By Aliro: the key is its own too, and lives in hardware as far as anybody can tell.
  phone: { grade: "B", identifierBytes: [POINT_BYTES], maxDoorGroups: 0 },
  // A text that anybody may read, and print.
  plate: { grade: "D", maxDoorGroups: 0 },
};

export function gradeOf(kind: EnrollableKind): Grade {
  return FACTS[kind].grade;
}

/** Whether cards of this kind carry keys of ours. */
export function isKeyed(kind: string): kind is "desfire" | "ntag424" {
  return kind === "desfire" || kind === "ntag424";
}

/** The identifier's bytes. Throws `invalid-request` unless there is one and it is one of its kind. */
export function parseIdentifier(kind: EnrollableKind, text: string | undefined): Uint8Array {
  const allowed = FACTS[kind].identifierBytes ?? [];
  const identifier = text === undefined ? undefined : fromHex(text);
  const fits =
    identifier !== undefined &&
    ("min" in allowed
      ? identifier.length >= allowed.min && identifier.length <= allowed.max
      : allowed.includes(identifier.length));
  if (fits && (kind !== "phone" || isP256Point(identifier))) return identifier;
  const expected =
    "min" in allowed ? `${allowed.min} to ${allowed.max} bytes` : `${allowed.join(", ")} bytes`;
  throw refusal("invalid-request", `an identifier of kind ${kind} has ${expected}`, {
    fields: [{ path: "body/identifier", message: `expected ${expected}` }],
  });
}

/**
 * Which door groups a new card gets keys for: those asked for, or those that gates use, lowest first.
 *
 * Throws `invalid-request` for more groups than the kind holds or a number it has no key for, and for a card without keys
 * that is to hide its number.
 */
export function chooseDoorGroups(
  card: {
    readonly kind: EnrollableKind;
    readonly doorGroups?: readonly number[];
    readonly hidesUid?: boolean;
  },
  used: readonly number[],
): number[] {
  const { kind, doorGroups: asked, hidesUid = false } = card;
  if (!isKeyed(kind)) {
    if (!hidesUid) return [];
    throw refusal("invalid-request", "only a card with keys hides its number", {
      fields: [{ path: "body/hidesUid", message: `expected none for kind ${kind}` }],
    });
  }
  // The place of an NTAG 424's last group is where the privacy key lies.
  const highest = hidesUid && kind === "ntag424" ? PRIVACY_KEY_NUMBER.ntag424 - 1 : layoutOf(kind).doorGroups;
  const { maxDoorGroups } = FACTS[kind];
  if (asked === undefined) {
    const fitting = used.filter((group) => group <= highest).sort((a, b) => a - b);
    return (fitting.length === 0 ? [1] : fitting).slice(0, maxDoorGroups);
  }
  if (asked.length > maxDoorGroups || asked.some((group) => group > highest)) {
    throw refusal(
      "invalid-request",
      `a card of kind ${kind} holds ${maxDoorGroups} door groups of 1 to ${highest}`,
      {
        fields: [
          { path: "body/doorGroups", message: `expected at most ${maxDoorGroups} of 1 to ${highest}` },
        ],
      },
    );
  }
  return [...asked].sort((a, b) => a - b);
}

/** Whether a card is to count its taps. Throws `invalid-request` for a kind that cannot. */
export function mayCount(kind: EnrollableKind, asked: boolean | undefined): boolean {
  if (asked !== true) return false;
  if (kind === "desfire") return true;
  throw refusal("invalid-request", "only a DESFire counts its taps", {
    fields: [{ path: "body/countsTaps", message: `expected none for kind ${kind}` }],
  });
}

/** What a person recognises the credential by. */
export function labelOf(identifier: Uint8Array): string {
  return toHex(identifier).slice(-4).toUpperCase();
}
