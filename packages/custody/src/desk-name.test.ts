import * as browser from "@menshen/crypto";
import * as node from "@menshen/crypto/node";
import { CredentialKey } from "@menshen/domain";
import { describe, expect, it } from "vitest";
import vectors from "../vectors/desk-name.json" with { type: "json" };
import { type DeskNamePlace, deskKeyId, deskKeyIdOf, openDeskName, sealDeskName } from "./desk-name.ts";

const { fromHex, toHex } = node;
const secretKey = fromHex(vectors.recipientSecret);
const recipient = fromHex(vectors.recipient);
const credentialKey = CredentialKey(fromHex(vectors.credentialKey));
const place: DeskNamePlace = {
  gate: fromHex(vectors.gate),
  sequence: vectors.sequence,
  accessPoint: fromHex(vectors.accessPoint),
  timeMs: vectors.timeMs,
};

describe.each([
  ["browser", browser.primitives],
  ["node", node.primitives],
])("names by the %s module", (_name, primitives) => {
  it("are those of the vector", () => {
    const drawn = { ...primitives, randomBytes: () => fromHex(vectors.ephemeralSecret) };
    expect(toHex(sealDeskName(drawn, recipient, place, credentialKey))).toBe(vectors.name);
    expect(openDeskName(primitives, secretKey, place, fromHex(vectors.name))).toEqual(credentialKey);
    expect(toHex(deskKeyId(recipient))).toBe(vectors.keyId);
    expect(toHex(deskKeyIdOf(fromHex(vectors.name)) ?? new Uint8Array())).toBe(vectors.keyId);
  });

  it("open by the key of their day alone, for their own entry alone", () => {
    const name = sealDeskName(primitives, recipient, place, credentialKey);
    const open = (change: Partial<DeskNamePlace>, key = secretKey) =>
      openDeskName(primitives, key, { ...place, ...change }, name);
    expect(open({})).toEqual(credentialKey);
    expect(open({}, new Uint8Array(32).fill(9))).toBeUndefined();
    expect(open({ gate: new Uint8Array(16) })).toBeUndefined();
    expect(open({ accessPoint: new Uint8Array(16) })).toBeUndefined();
    expect(open({ sequence: place.sequence + 1 })).toBeUndefined();
    expect(open({ timeMs: place.timeMs + 1 })).toBeUndefined();
  });

  it("never show two entries of one credential as alike", () => {
    const names = [1, 2].map((sequence) =>
      sealDeskName(primitives, recipient, { ...place, sequence }, credentialKey),
    );
    const parts = names.flatMap((name) => [8, 24, 40, 56].map((at) => toHex(name.subarray(at, at + 16))));
    expect(new Set(parts).size).toBe(8);
  });
});
