import { constantTimeEqual, wipe } from "@menshen/crypto/node";
import type { Command } from "../message/command.ts";
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

export type HandshakeKey =
  | { readonly name: "scbk"; readonly bytes: Scbk; readonly others: readonly Scbk[] }
  | { readonly name: "scbk-d"; readonly bytes: Uint8Array; readonly others: readonly [] };

/** Where the panel stands between the first CHLNG and a session. */
export type Handshake =
  | { readonly at: "challenge"; readonly key: HandshakeKey; readonly cpRandom: Uint8Array }
  | {
      readonly at: "prove";
      readonly key: HandshakeKey;
      readonly keys: SessionKeys;
      readonly cpCryptogram: Uint8Array;
      readonly initialRMac: Uint8Array;
    };

export type HandshakeStep =
  | { readonly kind: "go-on"; readonly handshake: Handshake }
  | { readonly kind: "established"; readonly session: SecureSession; readonly key: HandshakeKey }
  /** the peripheral does not hold this key, or hides it; the next one may be tried */
  | { readonly kind: "refused"; readonly key: HandshakeKey };

type Random = (lengthBytes: number) => Uint8Array;

/** @param candidates keys of the peripheral, at least one, in the order to try them */
export function challengeWith(candidates: readonly [Scbk, ...Scbk[]], random: Random): Handshake {
  const [bytes, ...others] = candidates;
  return { at: "challenge", key: { name: "scbk", bytes, others }, cpRandom: random(8) };
}

/** Only inside an install window: the public key, good for one KEYSET. */
export function challengeWithDefaultKey(random: Random): Handshake {
  return { at: "challenge", key: { name: "scbk-d", bytes: SCBK_D, others: [] }, cpRandom: random(8) };
}

export function handshakeCommand(handshake: Handshake): Command {
  return handshake.at === "challenge"
    ? { kind: "chlng", cpRandom: handshake.cpRandom }
    : { kind: "scrypt", cpCryptogram: handshake.cpCryptogram };
}

/**
 * What the peripheral's answer makes of the handshake (SIA OSDP v2.2 Annex D.3).
 *
 * @param blockData the data of the answer's security block
 */
export function stepHandshake(handshake: Handshake, reply: Reply, blockData: Uint8Array): HandshakeStep {
  if (handshake.at === "challenge") return answeredChallenge(handshake, reply);
  // SCS_14 says 01 for a cryptogram that was right and FF for a wrong one (Annex D.3.4).
  const accepted = reply.kind === "rmac-i" && blockData[0] !== 0xff;
  if (!accepted || !constantTimeEqual(reply.initialRMac, handshake.initialRMac)) {
    abandonHandshake(handshake);
    return { kind: "refused", key: handshake.key };
  }
  const session = makeSecureSession(handshake.keys, handshake.initialRMac);
  return { kind: "established", session, key: handshake.key };
}

function answeredChallenge(at: Extract<Handshake, { at: "challenge" }>, reply: Reply): HandshakeStep {
  if (reply.kind !== "ccrypt") return { kind: "refused", key: at.key };
  const keys = deriveSessionKeys(at.key.bytes, at.cpRandom);
  const expected = pdCryptogram(keys, at.cpRandom, reply.pdRandom);
  if (!constantTimeEqual(expected, reply.pdCryptogram)) {
    wipe(keys.sEnc, keys.sMac1, keys.sMac2);
    return { kind: "refused", key: at.key };
  }
  const own = cpCryptogram(keys, at.cpRandom, reply.pdRandom);
  const handshake = {
    at: "prove",
    key: at.key,
    keys,
    cpCryptogram: own,
    initialRMac: initialRMac(keys, own),
  } as const;
  return { kind: "go-on", handshake };
}

/** Overwrites what a handshake that goes no further has derived. */
export function abandonHandshake(handshake: Handshake): void {
  if (handshake.at === "prove") wipe(handshake.keys.sEnc, handshake.keys.sMac1, handshake.keys.sMac2);
}
