import { concatBytes, fromHex, RistrettoElement, RistrettoScalar, sha512, toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import published from "../vectors/cocktail-dkg-ristretto255-sha512.json" with { type: "json" };
import {
  isPossessionProved,
  makeOffer,
  type Offer,
  openShare,
  secretsOf,
  sessionContext,
  sessionTranscript,
} from "./cocktail.ts";
import { schnorrSign, schnorrVerify } from "./schnorr.ts";
import { evaluateCommitment, sumOf } from "./shares.ts";
import { seededRandom } from "./testing/seeded-random.ts";

const element = (hex: string) => {
  const parsed = RistrettoElement.parse(fromHex(hex));
  if (parsed === undefined) throw new Error(`no element: ${hex}`);
  return parsed;
};
const scalar = (hex: string) => {
  const parsed = RistrettoScalar.parse(fromHex(hex));
  if (parsed === undefined) throw new Error(`no scalar: ${hex}`);
  return parsed;
};
const at = <T>(list: readonly T[], position: number): T => {
  const found = list[position];
  if (found === undefined) throw new Error(`nothing at ${position}`);
  return found;
};

describe.each(published.vectors)("published vector $t of $n", (v) => {
  const threshold = { k: v.t, n: v.n };
  const secretKeys = v.config.static_secret_keys.map(scalar);
  const publicKeys = v.config.static_public_keys.map(element);
  const context = fromHex(v.context);
  const offers: readonly Offer[] = v.round1.map((one) => ({
    commitment: one.vss_commitment.map(element),
    proof: fromHex(one.pop),
    ephemeral: element(one.ephemeral_public_key),
    sealedShares: one.encrypted_shares.map(fromHex),
  }));

  it("derives the public keys and the context", () => {
    expect(secretKeys.map((key) => toHex(RistrettoElement.base.times(key).toBytes()))).toEqual(
      v.config.static_public_keys,
    );
    expect(toHex(sessionContext(fromHex(v.session_tag), publicKeys))).toBe(v.context);
  });

  it("takes every proof of possession, and none for another session", () => {
    for (const [position, offer] of offers.entries()) {
      expect(isPossessionProved(context, offer)).toBe(true);
      expect(isPossessionProved(sha512(context), offer)).toBe(false);
      const signedText = fromHex(at(v.round1, position).pop_message);
      expect(schnorrVerify(at(offer.commitment, 0), signedText, offer.proof)).toBe(true);
    }
  });

  it("opens every share and adds them up", () => {
    for (const [to, secretKey] of secretKeys.entries()) {
      let sum = RistrettoScalar.of(0);
      for (const [from, offer] of offers.entries()) {
        const share = openShare({
          context,
          offer,
          sender: at(publicKeys, from),
          receiver: at(publicKeys, to),
          index: to + 1,
          secrets: secretsOf(secretKey, offer, at(publicKeys, from)),
        });
        if (share === undefined) throw new Error(`share of ${from} for ${to} does not open`);
        sum = sum.plus(share);
      }
      const expected = at(v.round2, to);
      expect(toHex(sum.toBytes())).toBe(expected.secret_share);
      expect(toHex(RistrettoElement.base.times(sum).toBytes())).toBe(expected.verification_share);
    }
    const constants = offers.map((offer) => at(offer.commitment, 0));
    expect(toHex(sumOf(constants).toBytes())).toBe(v.group_public_key);
  });

  it("writes the transcript and signs it to the byte", () => {
    const transcript = sessionTranscript({
      context,
      threshold,
      publicKeys,
      offers,
      extension: fromHex(v.extension),
    });
    expect(toHex(sha512(transcript))).toBe(v.round3.transcript_hash);
    for (const [position, secretKey] of secretKeys.entries()) {
      const { signature } = at(v.round3.signatures, position);
      expect(toHex(schnorrSign(secretKey, transcript))).toBe(signature);
      expect(schnorrVerify(at(publicKeys, position), transcript, fromHex(signature))).toBe(true);
    }
  });

  it("makes offers that the checks above accept", () => {
    const random = seededRandom("offers");
    const offer = makeOffer({
      context,
      publicKeys,
      secretKey: at(secretKeys, 0),
      coefficients: Array.from({ length: v.t }, () => RistrettoScalar.random(random)),
      ephemeralSecret: RistrettoScalar.random(random),
    });
    expect(isPossessionProved(context, offer)).toBe(true);
    for (const [to, secretKey] of secretKeys.entries()) {
      const sender = at(publicKeys, 0);
      const share = openShare({
        context,
        offer,
        sender,
        receiver: at(publicKeys, to),
        index: to + 1,
        secrets: secretsOf(secretKey, offer, sender),
      });
      expect(
        share && RistrettoElement.base.times(share).equals(evaluateCommitment(offer.commitment, to + 1)),
      ).toBe(true);
    }
  });
});

describe("signatures", () => {
  const secretKey = RistrettoScalar.random(seededRandom("signer"));
  const publicKey = RistrettoElement.base.times(secretKey);
  const message = new Uint8Array([1, 2, 3]);
  const signature = schnorrSign(secretKey, message);

  it("hold for their key and message only", () => {
    expect(schnorrVerify(publicKey, message, signature)).toBe(true);
    expect(schnorrVerify(publicKey.plus(RistrettoElement.base), message, signature)).toBe(false);
    expect(schnorrVerify(publicKey, new Uint8Array([1, 2]), signature)).toBe(false);
  });

  it("are refused with R the identity, s beyond the order, or another length", () => {
    expect(schnorrVerify(publicKey, message, concatBytes(new Uint8Array(32), signature.slice(32)))).toBe(
      false,
    );
    const beyond = concatBytes(signature.slice(0, 32), new Uint8Array(32).fill(0xff));
    expect(schnorrVerify(publicKey, message, beyond)).toBe(false);
    expect(schnorrVerify(publicKey, message, signature.slice(0, 63))).toBe(false);
    expect(schnorrVerify(publicKey, message, concatBytes(signature, new Uint8Array(1)))).toBe(false);
  });
});
