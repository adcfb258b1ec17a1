import { equalBytes } from "@menshen/crypto";
import type { CommandApdu } from "../apdu/apdu.ts";
import { encodeResponse, parseCommand, StatusWord } from "../apdu/apdu.ts";
import type { SoftwareCard } from "../channel/software-card.ts";
import { CredentialError } from "../credential-error.ts";
import {
  PKOC_APPLICATION,
  PKOC_CHALLENGE_BYTES,
  PKOC_VERSION_1,
  PkocTag,
  pkocAuthenticateResponse,
  pkocSelectResponse,
  pkocSignatureResponse,
  pkocV2InformationResponse,
  readPkocAuthenticate,
} from "./nfc-messages.ts";
import type { PkocKeyPair, PkocPrimitives } from "./pkoc-primitives.ts";

/** ISO/IEC 7816-4 §5.6: the object asked for is not there. */
const REFERENCED_DATA_NOT_FOUND = 0x6a88;
const MAX_RESPONSE_BYTES = 256;

/** What a PKOC card or phone is made of. */
export interface PkocCardOptions {
  readonly primitives: Pick<PkocPrimitives, "p256Sign">;
  readonly key: PkocKeyPair;
  /** Makes it an SE V2 card: the certificate of its key as it was issued. Without one it is SE V1. */
  readonly certificate?: Uint8Array;
  /** Answer to reset; that of a contactless card without historical bytes unless told. */
  readonly atr?: Uint8Array;
  /** What the reader sees at anticollision; a phone shows a random one, so none unless told. */
  readonly uid?: Uint8Array;
}

/**
 * A PKOC card in software (NFC Transport Profile 2.0.1, the card's side). A key in software can be copied: this is for
 * tests, for the demonstration and for trying foreign readers.
 */
export function makePkocCard(options: PkocCardOptions): SoftwareCard {
  const { primitives, key, certificate, uid } = options;
  let selected = false;
  /** What GET RESPONSE still has to bring. */
  let pending = new Uint8Array();

  function answer(command: CommandApdu): Uint8Array {
    const { cla, ins, p1, p2, data } = command;
    const continued = cla === 0x00 && ins === 0xc0;
    if (!continued) pending = new Uint8Array();
    if (cla === 0x00 && ins === 0xa4 && p1 === 0x04) {
      selected = equalBytes(data, PKOC_APPLICATION);
      return selected ? pkocSelectResponse(PKOC_VERSION_1) : status(StatusWord.fileNotFound);
    }
    if (!selected) return status(StatusWord.conditionsNotSatisfied);
    if (cla === 0x80 && ins === 0x80) return authenticate(p1, p2, data);
    if (certificate === undefined || cla !== 0x00) return status(StatusWord.instructionNotSupported);
    if (ins === 0xca) return objectOf((p1 << 8) | p2, certificate);
    if (ins === 0x88) return internalAuthenticate(data);
    return continued ? more() : status(StatusWord.instructionNotSupported);
  }

  function authenticate(p1: number, p2: number, data: Uint8Array): Uint8Array {
    if (p1 !== 0x00 || p2 !== 0x01) return status(StatusWord.wrongParameters);
    const { version, transactionId } = readPkocAuthenticate(data);
    if (!equalBytes(version, PKOC_VERSION_1)) return status(StatusWord.wrongData);
    const signature = primitives.p256Sign(key.secretKey, transactionId);
    return pkocAuthenticateResponse({ publicKey: key.publicKey, signature });
  }

  function internalAuthenticate(challenge: Uint8Array): Uint8Array {
    if (challenge.length !== PKOC_CHALLENGE_BYTES) return status(StatusWord.wrongLength);
    return pkocSignatureResponse(primitives.p256Sign(key.secretKey, challenge));
  }

  function objectOf(tag: number, cvc: Uint8Array): Uint8Array {
    if (tag === PkocTag.information) return pkocV2InformationResponse();
    if (tag !== PkocTag.certificate) return status(REFERENCED_DATA_NOT_FOUND);
    pending = cvc.slice();
    return more();
  }

  function more(): Uint8Array {
    if (pending.length === 0) return status(StatusWord.conditionsNotSatisfied);
    const data = pending.slice(0, MAX_RESPONSE_BYTES);
    pending = pending.slice(MAX_RESPONSE_BYTES);
    const sw = pending.length === 0 ? StatusWord.ok : 0x6100 | (pending.length < 256 ? pending.length : 0);
    return encodeResponse({ data, sw });
  }

  function forget(): void {
    selected = false;
    pending = new Uint8Array();
  }

  return {
    atr: options.atr ?? Uint8Array.of(0x3b, 0x80, 0x80, 0x01, 0x01),
    ...(uid === undefined ? {} : { uid }),
    reset: forget,
    powerOff: forget,
    transceive(command) {
      try {
        return answer(parseCommand(command));
      } catch (error) {
        if (error instanceof CredentialError && error.code === "malformed")
          return status(StatusWord.wrongData);
        throw error;
      }
    },
  };
}

function status(sw: number): Uint8Array {
  return encodeResponse({ data: new Uint8Array(), sw });
}
