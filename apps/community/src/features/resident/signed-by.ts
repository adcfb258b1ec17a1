import { ed25519Verify, fromHex } from "@menshen/crypto/node";

/** Whether a resident's key signed this text; hexadecimal, as requests carry it. */
export function isSignedBy(authKey: string, text: string, signature: string): boolean {
  return ed25519Verify(fromHex(authKey), new TextEncoder().encode(text), fromHex(signature));
}
