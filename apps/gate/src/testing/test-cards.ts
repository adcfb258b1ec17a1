import { credentialKeyOf, openInProcessChannel } from "@menshen/credentials";
import { primitives, randomBytes } from "@menshen/crypto/node";
import { personaliseCard, type VirtualCard } from "@menshen/virtual-devices";
import type { Keyring } from "@menshen/wire";

/** Writes random keys onto a card for door group 1; what a gate of that group has to know of it. */
export async function personalisedKeys(
  card: VirtualCard,
  kind: "desfire" | "ntag424",
  uid: Uint8Array,
): Promise<Keyring["cards"][number]> {
  const value = randomBytes(16);
  const master = randomBytes(16);
  await personaliseCard(openInProcessChannel(card), {
    kind,
    uid,
    keys: [
      { number: 0, version: 1, value: master },
      { number: 1, version: 1, value },
    ],
  });
  card.powerOff();
  return {
    credentialKey: credentialKeyOf(primitives, kind, uid),
    kind,
    keys: [{ number: 1, keyVersion: 1, key: value }],
  };
}
