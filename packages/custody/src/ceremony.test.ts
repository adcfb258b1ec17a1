import { equalBytes, RistrettoElement, RistrettoScalar, sha512 } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import { abandonCeremony, beginCeremony, type CeremonyState, receiveMessage } from "./ceremony.ts";
import { makeComplaint } from "./ceremony-complaint.ts";
import {
  type CeremonyMessageKind,
  encodeComplaint,
  encodeConfirmation,
  encodeContribution,
  encodeMessage,
  parseConfirmation,
  parseContribution,
  parseEnvelope,
} from "./ceremony-message.ts";
import { type CeremonySetup, DEFAULT_EPOCH_COUNT } from "./ceremony-setup.ts";
import { parseCertificate, verifyCertificate } from "./certificate.ts";
import type { Offer } from "./cocktail.ts";
import { CustodyError } from "./errors.ts";
import { DEFAULT_THRESHOLD, lagrangeAtZero } from "./shares.ts";
import { makeTable, play, type Tamper } from "./testing/play.ts";
import { seededRandom } from "./testing/seeded-random.ts";

const random = seededRandom("ceremony");
const { setup, keys } = makeTable({ threshold: DEFAULT_THRESHOLD, epochCount: 2, random });

function at<T>(list: readonly T[], position: number): T {
  const found = list[position];
  if (found === undefined) throw new Error(`nothing at ${position}`);
  return found;
}
const faultOf = (state: CeremonyState) => (state.phase === "stopped" ? state.fault : state.phase);
const secretOf = (custodian: number) => at(keys, custodian - 1).secretKey;
const kindOf = (message: Uint8Array) => parseEnvelope(message).kind;
const sign = (kind: CeremonyMessageKind, sender: number, body: Uint8Array, of: CeremonySetup = setup) =>
  encodeMessage({ kind, setup: of, sender, secretKey: secretOf(sender), body });

/** Custodian 2 lies in one kind of message, to all or to one. */
const lie =
  (kind: CeremonyMessageKind, rewrite: (body: Uint8Array) => Uint8Array, only?: number): Tamper =>
  (message, from, to) =>
    from === 2 && kindOf(message) === kind && (only === undefined || only === to)
      ? sign(kind, 2, rewrite(parseEnvelope(message).body))
      : message;

const inOffer = (change: (offer: Offer) => Offer) => (body: Uint8Array) =>
  encodeContribution(
    parseContribution(setup, body).map((offer, position) => (position === 1 ? change(offer) : offer)),
  );
const flipped = (bytes: Uint8Array, index = 0) => bytes.map((byte, i) => (i === index ? byte ^ 1 : byte));

describe("a ceremony", () => {
  it("makes the keys of 13 epochs, the same for all, with a share for each custodian", () => {
    const source = seededRandom("thirteen");
    const table = makeTable({
      threshold: DEFAULT_THRESHOLD,
      epochCount: DEFAULT_EPOCH_COUNT,
      random: source,
    });
    const ends = play(table.setup, table.keys, source).flatMap((end) =>
      end.phase === "finished" ? [end] : [],
    );
    expect(ends).toHaveLength(3);
    const [first] = ends;
    if (first === undefined) throw new Error("nobody finished");
    expect(first.keys.map((key) => key.epoch)).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    for (const end of ends) {
      expect(end.keys.map((key) => key.id)).toEqual(first.keys.map((key) => key.id));
      expect(equalBytes(end.certificate, first.certificate)).toBe(true);
    }
    expect(new Set(first.keys.map((key) => key.publicKey.toBytes().join())).size).toBe(13);
    for (const [position, key] of first.keys.entries()) {
      for (const end of ends) {
        const { index, secret } = at(end.shares, position);
        expect(RistrettoElement.base.times(secret).equals(at(key.verificationKeys, index - 1))).toBe(true);
      }
      const [one, three] = [at(at(ends, 0).shares, position), at(at(ends, 2).shares, position)];
      const together = one.secret
        .times(lagrangeAtZero(1, [1, 3]))
        .plus(three.secret.times(lagrangeAtZero(3, [1, 3])));
      expect(RistrettoElement.base.times(together).equals(key.publicKey)).toBe(true);
    }
  });

  it.each([[{ k: 2, n: 2 }], [{ k: 3, n: 5 }]])("works for %o", (threshold) => {
    const table = makeTable({ threshold, epochCount: 1, random });
    const ends = play(table.setup, table.keys, random);
    expect(ends.map((end) => end.phase)).toEqual(Array.from({ length: threshold.n }, () => "finished"));
  });

  it("works in any order of arrival, with every message twice", () => {
    const states = keys.map(({ secretKey }) => beginCeremony({ setup, secretKey, random }));
    const first = states.map((step) => at(step.send, 0));
    const [one, two, three] = [at(states, 0), at(states, 1), at(states, 2)];
    // Custodian 1 hears nothing until the others have confirmed.
    const twoHears = receiveMessage(receiveMessage(two.state, at(first, 2)).state, at(first, 0));
    const threeHears = receiveMessage(receiveMessage(three.state, at(first, 0)).state, at(first, 1));
    let state = one.state;
    const phases: string[] = [];
    for (const message of [at(threeHears.send, 0), at(first, 1), at(first, 2), at(twoHears.send, 0)]) {
      state = receiveMessage(state, message).state;
      const again = receiveMessage(state, message);
      expect(again.state).toBe(state);
      phases.push(`${state.phase}, then ${again.refused}`);
    }
    expect(phases).toEqual([
      "contributing, then already-received",
      "contributing, then already-received",
      "confirming, then already-received",
      "finished, then ended",
    ]);
  });

  it("refuses setups out of their limits, and keys that are not in it", () => {
    const begin = (changed: Partial<CeremonySetup>) => () =>
      beginCeremony({ setup: { ...setup, ...changed }, secretKey: secretOf(1), random });
    for (const bad of [
      begin({ id: new Uint8Array(31) }),
      begin({ threshold: { k: 1, n: 3 } }),
      begin({ threshold: { k: 4, n: 3 } }),
      begin({ threshold: { k: 2, n: 4 } }),
      begin({ epochCount: 0 }),
      begin({ epochCount: 65 }),
      begin({ firstEpoch: 0xffff_ffff }),
      begin({ custodians: [at(setup.custodians, 0), at(setup.custodians, 0), at(setup.custodians, 1)] }),
      () => beginCeremony({ setup, secretKey: RistrettoScalar.of(5), random }),
    ]) {
      expect(bad).toThrow(CustodyError);
    }
  });
});

describe("a custodian who lies", () => {
  const tampered = (tamper: Tamper) => play(setup, keys, random, tamper).map(faultOf);
  const named = (reason: string, ...custodians: number[]) => ({ reason, custodians });

  // The contribution of custodian 1 as it went over the table; its digest stands in every confirmation.
  const seen = new Map<string, Uint8Array>();
  function contributionOf(confirmation: Uint8Array) {
    const digest = at(parseConfirmation(setup, parseEnvelope(confirmation).body).contributionDigests, 0);
    const message = seen.get(digest.join());
    if (message === undefined) throw new Error("no such contribution");
    return { message, digest, offers: parseContribution(setup, parseEnvelope(message).body) };
  }
  function noting(tamper: Tamper): Tamper {
    return (message, from, to) => {
      if (kindOf(message) === "contribution") seen.set(sha512(message).join(), message);
      return tamper(message, from, to);
    };
  }

  it("in what it commits to is named by all: no proof of possession", () => {
    const ends = tampered(
      lie(
        "contribution",
        inOffer((offer) => ({
          ...offer,
          commitment: offer.commitment.map((element) => element.plus(RistrettoElement.base)),
        })),
      ),
    );
    expect([ends[0], ends[2]]).toEqual([named("possession-unproved", 2), named("possession-unproved", 2)]);
  });

  it("with another's proof, or a proof of another epoch, is named", () => {
    const swapped = lie("contribution", (body) =>
      encodeContribution(parseContribution(setup, body).toReversed()),
    );
    const ends = tampered(swapped);
    expect([ends[0], ends[2]]).toEqual([named("possession-unproved", 2), named("possession-unproved", 2)]);
  });

  it("in the share of one custodian is named by all: the complaint shows it", () => {
    const spoiled = (offer: Offer): Offer => ({
      ...offer,
      sealedShares: offer.sealedShares.map((sealed, to) => (to === 2 ? flipped(sealed) : sealed)),
    });
    const ends = tampered(lie("contribution", inOffer(spoiled)));
    expect([ends[0], ends[2]]).toEqual([named("bad-share", 2), named("bad-share", 2)]);
  });

  it("with a share that opens but does not fit is named by all", () => {
    const crossed = (offer: Offer): Offer => {
      const stranger = beginCeremony({ setup, secretKey: secretOf(2), random });
      const body = parseEnvelope(at(stranger.send, 0)).body;
      return { ...offer, sealedShares: at(parseContribution(setup, body), 1).sealedShares };
    };
    const ends = tampered(lie("contribution", inOffer(crossed)));
    expect([ends[0], ends[2]]).toEqual([named("bad-share", 2), named("bad-share", 2)]);
  });

  it("with two different contributions is named by all: they show each other what they got", () => {
    const other = beginCeremony({ setup, secretKey: secretOf(2), random });
    const ends = tampered((message, from, to) =>
      from === 2 && to === 3 && kindOf(message) === "contribution" ? at(other.send, 0) : message,
    );
    expect([ends[0], ends[2]]).toEqual([named("equivocated", 2), named("equivocated", 2)]);
  });

  it("with a malformed but signed message is named by all", () => {
    for (const kind of ["contribution", "confirmation"] as const) {
      const ends = tampered(lie(kind, (body) => body.subarray(1)));
      expect([ends[0], ends[2]]).toEqual([named("malformed", 2), named("malformed", 2)]);
    }
  });

  it("to one only in a malformed message is named by all: the evidence goes round", () => {
    const ends = tampered(lie("contribution", (body) => body.subarray(1), 1));
    expect(ends[0]).toEqual(named("malformed", 2));
    expect(ends[2]).toEqual(named("equivocated", 2));
  });

  it("in the signature of one transcript is named by all", () => {
    const ends = tampered(
      lie("confirmation", (body) => {
        const { contributionDigests, signatures } = parseConfirmation(setup, body);
        const bad = signatures.map((signature, position) =>
          position === 1 ? flipped(signature, 40) : signature,
        );
        return encodeConfirmation({ contributionDigests, signatures: bad });
      }),
    );
    expect([ends[0], ends[2]]).toEqual([named("unconfirmed", 2), named("unconfirmed", 2)]);
  });

  it("about what it saw of another leaves the two of them under suspicion", () => {
    const ends = tampered(
      lie("confirmation", (body) => {
        const { contributionDigests, signatures } = parseConfirmation(setup, body);
        const bad = contributionDigests.map((digest, position) =>
          position === 0 ? flipped(digest) : digest,
        );
        return encodeConfirmation({ contributionDigests: bad, signatures });
      }),
    );
    expect([ends[0], ends[2]]).toEqual([named("views-differ", 1, 2), named("views-differ", 1, 2)]);
  });

  it.each([
    ["its true secrets", () => secretOf(2)],
    ["invented secrets", () => RistrettoScalar.of(99)],
  ])("in a complaint against an honest one, with %s, is named by all", (_what, secret) => {
    const accuse: Tamper = (message, from) => {
      if (from !== 2 || kindOf(message) !== "confirmation") return message;
      const contribution = contributionOf(message);
      const claim = { setup, complainer: 2, secretKey: secret(), accused: 1, position: 0, contribution };
      const complaint = makeComplaint(claim);
      if (complaint === undefined) throw new Error("no complaint");
      return sign("complaint", 2, encodeComplaint(complaint));
    };
    const ends = tampered(noting(accuse));
    expect([ends[0], ends[2]]).toEqual([named("false-complaint", 2), named("false-complaint", 2)]);
  });
});

describe("a custodian who vanishes", () => {
  const silent =
    (kind: CeremonyMessageKind): Tamper =>
    (message, from) =>
      from === 2 && kindOf(message) === kind ? undefined : message;

  it.each(["contribution", "confirmation"] as const)("before its %s is named by who waits", (kind) => {
    const ends = play(setup, keys, random, silent(kind)).map((state) => abandonCeremony(state).state);
    const vanished = { reason: "vanished", custodians: [2] };
    expect(faultOf(at(ends, 0))).toEqual(vanished);
    expect(faultOf(at(ends, 2))).toEqual(vanished);
  });

  it("cannot be named once the ceremony has ended", () => {
    const [end] = play(setup, keys, random);
    if (end === undefined) throw new Error("no end");
    expect(abandonCeremony(end)).toEqual({ state: end, send: [], refused: "ended" });
  });
});

describe("a stranger on the line", () => {
  const start = beginCeremony({ setup, secretKey: secretOf(1), random });
  const ofTwo = at(beginCeremony({ setup, secretKey: secretOf(2), random }).send, 0);

  it("can neither change nor forge a message, and nobody is blamed", () => {
    for (const index of [20, 90, 120, ofTwo.length - 1]) {
      const step = receiveMessage(start.state, flipped(ofTwo, index));
      expect(step.state).toBe(start.state);
      expect(step.refused).toMatch(/not-of-this-ceremony|malformed/);
    }
  });

  it("cannot play a message of another ceremony, of oneself, or of nobody", () => {
    const elsewhere = { ...setup, id: new Uint8Array(32) };
    const { body } = parseEnvelope(ofTwo);
    expect(receiveMessage(start.state, sign("contribution", 2, body, elsewhere)).refused).toBe(
      "not-of-this-ceremony",
    );
    expect(receiveMessage(start.state, at(start.send, 0)).refused).toBe("own-message");
    const nobody = encodeMessage({ kind: "contribution", setup, sender: 9, secretKey: secretOf(2), body });
    expect(receiveMessage(start.state, nobody).refused).toBe("not-of-this-ceremony");
  });
});

describe("a certificate", () => {
  const [end] = play(setup, keys, random);
  if (end?.phase !== "finished") throw new Error("the ceremony did not finish");
  const certificate = parseCertificate(end.certificate);

  it("gives anybody the keys", () => {
    const verdict = verifyCertificate(certificate);
    expect(verdict.valid && verdict.keys.map((key) => key.id)).toEqual(end.keys.map((key) => key.id));
  });

  it("names whose signature or proof does not hold", () => {
    const signatures = certificate.signatures.map((ofOne, position) =>
      position === 1 ? ofOne.map((signature) => flipped(signature, 40)) : ofOne,
    );
    expect(verifyCertificate({ ...certificate, signatures })).toEqual({ valid: false, custodians: [2] });
    const offers = certificate.offers.map((ofOne, position) =>
      position === 2 ? ofOne.map((offer) => ({ ...offer, proof: flipped(offer.proof, 40) })) : ofOne,
    );
    expect(verifyCertificate({ ...certificate, offers })).toEqual({ valid: false, custodians: [1, 2, 3] });
  });

  it("holds for its own setup and contributions only", () => {
    for (const changed of [
      { ...certificate, extension: flipped(certificate.extension) },
      { ...certificate, setup: { ...setup, firstEpoch: 8 } },
      { ...certificate, setup: { ...setup, threshold: { k: 3, n: 3 } } },
    ]) {
      expect(verifyCertificate(changed)).toEqual({ valid: false, custodians: [1, 2, 3] });
    }
  });
});
