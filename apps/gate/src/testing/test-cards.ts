import { credentialKeyOf } from "@menshen/credentials";
import { primitives, randomBytes } from "@menshen/crypto/node";
import type { Keyring } from "@menshen/wire";

/** Random keys of a card for door group 1: what is written onto it, and what a gate of that group has to know of it. */
export function makeCardKeys(kind: "desfire" | "ntag424", uid: Uint8Array) {
  const value = randomBytes(16);
  const atGate: Keyring["cards"][number] = {
    credentialKey: credentialKeyOf(primitives, kind, uid),
    kind,
    keys: [{ number: 1, keyVersion: 1, key: value }],
  };
  return {
    onCard: [
      { number: 0, version: 1, value: randomBytes(16) },
      { number: 1, version: 1, value },
    ],
    atGate,
  };
}
