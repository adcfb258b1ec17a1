import { fromHex, primitives } from "@menshen/crypto/node";
import { CredentialKey } from "@menshen/domain";
import { expect, it } from "vitest";
import vectors from "../vectors/desk-name.json" with { type: "json" };
import { openDeskName, sealDeskName } from "./desk-name.ts";

const secretKey = fromHex(vectors.recipientSecret);
const name = fromHex(vectors.name);
const place = {
  gate: fromHex(vectors.gate),
  sequence: vectors.sequence,
  accessPoint: fromHex(vectors.accessPoint),
  timeMs: vectors.timeMs,
};
const open = (bytes: Uint8Array) => openDeskName(primitives, secretKey, place, bytes);

it("a name that was cut, grew or was never made opens nothing", () => {
  expect(open(name)).toBeDefined();
  for (const bytes of [
    name.subarray(0, 71),
    new Uint8Array(),
    new Uint8Array(72),
    Uint8Array.of(...name, 0),
  ]) {
    expect(open(bytes)).toBeUndefined();
  }
});

it("a key or a place that is none is an error of the caller", () => {
  const credentialKey = CredentialKey(fromHex(vectors.credentialKey));
  const refused = expect.objectContaining({ code: "invalid-argument" });
  for (const recipient of [new Uint8Array(32), new Uint8Array(31), new Uint8Array()]) {
    expect(() => sealDeskName(primitives, recipient, place, credentialKey)).toThrow(refused);
  }
  expect(() => openDeskName(primitives, new Uint8Array(31), place, name)).toThrow(refused);
  expect(() => openDeskName(primitives, secretKey, { ...place, gate: new Uint8Array(3) }, name)).toThrow(
    refused,
  );
  expect(() => openDeskName(primitives, secretKey, { ...place, sequence: -1 }, name)).toThrow(refused);
});
