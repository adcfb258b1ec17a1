import { expect, it } from "vitest";
import * as browserModule from "./index.ts";
import * as nodeModule from "./node/index.ts";

const { coseVerify1, p256GenerateHeld, p256SignHeld, p256Verify, prepareCoseSign1 } = nodeModule;
const message = new TextEncoder().encode("door");

it("a held key signs, and its bytes cannot be had", async () => {
  const key = await p256GenerateHeld();
  const signature = await p256SignHeld(key.secretKey, message);
  expect(signature).toHaveLength(64);
  expect(p256Verify(key.publicKey, message, signature)).toBe(true);
  expect(browserModule.p256Verify(key.publicKey, message, signature)).toBe(true);
  expect(p256Verify(key.publicKey, new Uint8Array(), signature)).toBe(false);
  for (const format of ["jwk", "pkcs8"] as const) {
    await expect(globalThis.crypto.subtle.exportKey(format, key.secretKey)).rejects.toThrow();
  }
});

it("a handle of another key does not sign", async () => {
  const { subtle } = globalThis.crypto;
  const hmac = await subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  await expect(p256SignHeld(hmac, message)).rejects.toMatchObject({ code: "bad-key" });
});

it("a message is signed in two halves as in one", async () => {
  const held = await p256GenerateHeld();
  const input = { payload: message, externalAad: Uint8Array.of(1), kid: Uint8Array.of(2), contentType: 60 };
  const { toBeSigned, finish } = prepareCoseSign1({ ...input, alg: "ES256" });
  const whole = finish(await p256SignHeld(held.secretKey, toBeSigned));
  const key = { alg: "ES256", publicKey: held.publicKey } as const;
  expect(coseVerify1({ message: whole, key, externalAad: Uint8Array.of(1) })).toEqual({
    verified: true,
    payload: message,
    alg: "ES256",
    kid: Uint8Array.of(2),
    contentType: 60,
  });
  expect(coseVerify1({ message: whole, key })).toEqual({ verified: false, reason: "bad-signature" });

  const pair = browserModule.p256Generate();
  const halves = prepareCoseSign1({ ...input, alg: "ES256" });
  expect(halves.finish(browserModule.sign(pair, halves.toBeSigned))).toEqual(
    browserModule.coseSign1({ ...input, key: pair }),
  );
  expect(() => finish(new Uint8Array(63))).toThrow(expect.objectContaining({ code: "bad-length" }));
});
