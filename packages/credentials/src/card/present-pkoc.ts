import type { Primitives } from "@menshen/crypto";
import type { Grade } from "@menshen/domain";
import { weakestGrade } from "@menshen/domain";
import type { CardChannel } from "../channel/card-channel.ts";
import type { PkocValidation } from "../pkoc/certificate.ts";
import { readPkocCard } from "../pkoc/nfc-reader.ts";
import { pkocCredentialOf } from "../pkoc/pkoc-credential.ts";
import type { PkocPrimitives } from "../pkoc/pkoc-primitives.ts";
import type { CardPresentation, CardReading } from "./card-presentation.ts";
import { credentialKeyOf } from "./credential-key.ts";

/** One-way and fresh, but bound to no reader, and the key is told to whoever asks (docs/protocol/pkoc.md). */
const PKOC_NFC_GRADE: Grade = "C";

/** How PKOC cards are read at one door. */
export interface PkocDoor {
  readonly primitives: Pick<PkocPrimitives, "p256Verify" | "isP256Point">;
  /** 32 bytes that name the reader to the card. */
  readonly readerIdentifier: Uint8Array;
  /** Issuers whose certificates are asked for; absent, the key alone counts. */
  readonly validation?: PkocValidation;
}

/**
 * The presentation of a PKOC key that was proved over NFC or, by the panel's own nonce, over OSDP. No secret of the gate's is
 * in it, so the keeping of keys does not weaken it.
 *
 * @param publicKey 65 bytes, as it was proved
 */
export function presentPkoc(
  primitives: Pick<Primitives, "sha256">,
  publicKey: Uint8Array,
  readerLink: Grade,
): CardPresentation {
  const identifier = pkocCredentialOf(publicKey);
  return {
    credentialKey: credentialKeyOf(primitives, "pkoc", identifier),
    kind: "pkoc",
    grade: weakestGrade(PKOC_NFC_GRADE, readerLink),
    evidence: {},
    identifier,
  };
}

/**
 * Reads a card as PKOC.
 *
 * @returns `undefined` for a card without the application
 * @throws {CredentialError} the channel's
 */
export async function readAsPkoc(
  channel: CardChannel,
  door: PkocDoor,
  options: {
    readonly primitives: Pick<Primitives, "sha256">;
    readonly random: (lengthBytes: number) => Uint8Array;
    readonly readerLink: Grade;
  },
): Promise<CardReading | undefined> {
  const reading = await readPkocCard(channel, { ...door, random: options.random });
  switch (reading.outcome) {
    case "absent":
      return undefined;
    case "refused": {
      const detail = reading.reason === "wrong-key" ? "wrong-key" : "protocol-error";
      return { outcome: "not-authentic", detail, claimedKind: "pkoc" };
    }
    case "authentic": {
      const presentation = presentPkoc(options.primitives, reading.publicKey, options.readerLink);
      return { outcome: "presented", presentation };
    }
  }
}
