import { concatBytes, fromHex, RistrettoElement, RistrettoScalar, toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import vectors from "../vectors/menshen-custody.json" with { type: "json" };
import {
  beginCeremony,
  type CeremonyState,
  combinePartials,
  encodeEpochKey,
  encodePartial,
  faultOfPartial,
  makePartial,
  parseCertificate,
  parseEpochKey,
  parsePartial,
  parseSealedEntry,
  receiveMessage,
  sealEntry,
  verifyCertificate,
  verifySealedEntry,
} from "./index.ts";
import { encodeLabel } from "./label.ts";

function at<T>(list: readonly T[], position: number): T {
  const found = list[position];
  if (found === undefined) throw new Error(`nothing at ${position}`);
  return found;
}
const scalar = (hex: string) => {
  const parsed = RistrettoScalar.parse(fromHex(hex));
  if (parsed === undefined) throw new Error(`no scalar: ${hex}`);
  return parsed;
};
const element = (hex: string) => {
  const parsed = RistrettoElement.parse(fromHex(hex));
  if (parsed === undefined) throw new Error(`no element: ${hex}`);
  return parsed;
};
/** Gives out what the vectors say was drawn; a scalar is drawn as 64 bytes. */
function drawing(values: readonly string[]) {
  const rest = [...values];
  return (lengthBytes: number) => {
    const value = fromHex(rest.shift() ?? "");
    return concatBytes(value, new Uint8Array(lengthBytes - value.length));
  };
}

const { setup: written, sealing } = vectors;
const setup = {
  id: fromHex(written.id),
  threshold: { k: written.k, n: written.n },
  firstEpoch: written.firstEpoch,
  epochCount: written.epochCount,
  custodians: written.publicKeys.map(element),
};
const key = parseEpochKey(fromHex(at(vectors.epochKeys, 0).encoded));
const label = {
  gate: fromHex(sealing.label.gate),
  sequence: sealing.label.sequence,
  accessPoint: fromHex(sealing.label.accessPoint),
  timeMs: sealing.label.timeMs,
};
const entry = parseSealedEntry(fromHex(sealing.sealed));

describe("this project's own vectors: the ceremony", () => {
  it("is said to the byte by each custodian, and ends with the keys and shares written down", () => {
    for (const [position, secretKey] of written.secretKeys.entries()) {
      const drawn = at(vectors.drawn, position).epochs.flatMap((epoch) => [
        ...epoch.coefficients,
        epoch.ephemeralSecret,
      ]);
      const begun = beginCeremony({ setup, secretKey: scalar(secretKey), random: drawing(drawn) });
      const sent = begun.send.map(toHex);
      let state: CeremonyState = begun.state;
      for (const message of [...vectors.contributions, ...vectors.confirmations]) {
        const step = receiveMessage(state, fromHex(message));
        state = step.state;
        sent.push(...step.send.map(toHex));
      }
      expect(sent).toEqual([at(vectors.contributions, position), at(vectors.confirmations, position)]);
      if (state.phase !== "finished") throw new Error(`custodian ${position + 1} is ${state.phase}`);
      expect(toHex(state.certificate)).toBe(vectors.certificate);
      for (const [epoch, expected] of vectors.epochKeys.entries()) {
        const made = at(state.keys, epoch);
        expect(toHex(encodeEpochKey(made))).toBe(expected.encoded);
        expect(toHex(made.id)).toBe(expected.id);
        expect(toHex(made.secondGenerator.toBytes())).toBe(expected.secondGenerator);
        expect(at(state.shares, epoch).epoch).toBe(expected.epoch);
        expect(toHex(at(state.shares, epoch).secret.toBytes())).toBe(at(expected.shares, position));
      }
    }
  });

  it("leaves a certificate that gives anybody the same keys", () => {
    const verdict = verifyCertificate(parseCertificate(fromHex(vectors.certificate)));
    expect(verdict.valid && verdict.keys.map((made) => toHex(encodeEpochKey(made)))).toEqual(
      vectors.epochKeys.map((expected) => expected.encoded),
    );
  });
});

describe("this project's own vectors: the entry", () => {
  it("is labelled and sealed to the byte", () => {
    expect(toHex(encodeLabel(label))).toBe(sealing.label.encoded);
    const random = drawing([sealing.contentKey, sealing.r, sealing.s]);
    const sealed = sealEntry({ key, label, plaintext: fromHex(sealing.plaintext), random });
    expect(toHex(sealed)).toBe(sealing.sealed);
    expect(verifySealedEntry(key, entry)).toBe(true);
  });

  it("is answered to the byte, and opened by any two answers", () => {
    for (const { custodian, nonce, partial } of sealing.partials) {
      const secret = scalar(at(at(vectors.epochKeys, 0).shares, custodian - 1));
      const share = { epoch: sealing.epoch, index: custodian, secret };
      const made = makePartial({ key, share, label, entry, random: drawing([nonce]) });
      expect(made.made && toHex(encodePartial(made.partial))).toBe(partial);
    }
    const partials = sealing.partials.map(({ partial }) => parsePartial(fromHex(partial)));
    for (const left of [0, 1, 2]) {
      const two = partials.filter((_, position) => position !== left);
      const opening = combinePartials({ key, entry, partials: two });
      expect(opening.opened && toHex(opening.plaintext)).toBe(sealing.plaintext);
    }
  });

  it("is refused re-labelled and re-randomised, and so is an answer in another's name", () => {
    for (const bad of [vectors.refused.relabelled, vectors.refused.rerandomised]) {
      expect(verifySealedEntry(key, parseSealedEntry(fromHex(bad)))).toBe(false);
    }
    const renamed = parsePartial(fromHex(vectors.refused.partialUnderAnotherName));
    expect(renamed.index).toBe(2);
    expect(faultOfPartial(key, entry, renamed)).toBe("invalid-proof");
  });
});
