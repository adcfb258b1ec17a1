import { constantTimeEqual, wipe } from "@menshen/crypto/node";
import type { Reply } from "../message/reply.ts";
import { SCBK_D, type Scbk } from "../secure/scbk.ts";
import {
  cpCryptogram,
  deriveSessionKeys,
  initialRMac,
  makeSecureSession,
  pdCryptogram,
  type SecureSession,
  type SessionKeys,
} from "../secure/session.ts";

/** A challenge the peripheral has answered and that SCRYPT may complete. */
export interface PdHandshake {
  readonly key: "scbk" | "scbk-d";
  readonly keys: SessionKeys;
  readonly cpRandom: Uint8Array;
  readonly pdRandom: Uint8Array;
}

export interface ChallengeAnswer {
  readonly reply: Reply;
  /** first data byte of the answer's security block: 1 for SCBK, 0 for SCBK-D */
  readonly keyByte: number;
  /** absent when no SCRYPT can complete it */
  readonly handshake?: PdHandshake;
}

/**
 * Answers CHLNG (SIA OSDP v2.2 Annex D.3.2).
 *
 * @param key which base key the panel asks for; undefined when this peripheral has none to give for it
 */
export function answerChallenge(
  wanted: "scbk" | "scbk-d",
  key: Scbk | undefined,
  clientUid: Uint8Array,
  cpRandom: Uint8Array,
  random: (lengthBytes: number) => Uint8Array,
): ChallengeAnswer {
  const pdRandom = random(8);
  const keyByte = wanted === "scbk" ? 1 : 0;
  const base = wanted === "scbk" ? key : SCBK_D;
  if (base === undefined) {
    // A fresh reader must not prove a key that anybody could guess (zeros): it answers with noise that no panel accepts.
    return { reply: { kind: "ccrypt", clientUid, pdRandom, pdCryptogram: random(16) }, keyByte };
  }
  const keys = deriveSessionKeys(base, cpRandom);
  return {
    reply: { kind: "ccrypt", clientUid, pdRandom, pdCryptogram: pdCryptogram(keys, cpRandom, pdRandom) },
    keyByte,
    handshake: { key: wanted, keys, cpRandom, pdRandom },
  };
}

/** Completes a handshake when the panel's cryptogram is right (Annex D.3.3); otherwise its keys are wiped. */
export function completeHandshake(
  handshake: PdHandshake,
  cryptogram: Uint8Array,
): { readonly session: SecureSession; readonly reply: Reply } | undefined {
  const { keys, cpRandom, pdRandom } = handshake;
  if (!constantTimeEqual(cpCryptogram(keys, cpRandom, pdRandom), cryptogram)) {
    wipe(keys.sEnc, keys.sMac1, keys.sMac2);
    return undefined;
  }
  const rMac = initialRMac(keys, cryptogram);
  return { session: makeSecureSession(keys, rMac), reply: { kind: "rmac-i", initialRMac: rMac.slice() } };
}
