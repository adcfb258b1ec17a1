import {
  type AuthenticateCardOptions,
  authenticateCard,
  type CardChannel,
  type CardKey,
  type CardKeySet,
  type CardReading,
  CredentialError,
  openInProcessChannel,
  type PersonalisationOrder,
} from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";
import { makeDesfireCard } from "../card/desfire-card.ts";
import { blankDesfire } from "../card/desfire-state.ts";
import { makeNtag424Card } from "../card/ntag424-card.ts";
import { blankNtag424 } from "../card/ntag424-state.ts";
import type { VirtualCard } from "../card/virtual-card.ts";
import { seededRandom } from "../random.ts";

// What the tests of this folder share: cards as the factory leaves them, orders, gates, and hands that take cards away.

export const UID = primitives.fromHex("04a1b2c3d4e5f6");
export const PRIVACY_KEY = { value: new Uint8Array(16).fill(0x77), version: 128 };
const READER_ID = new Uint8Array(16).fill(0x52);

export { READER_ID };

/** Keys of one version: each byte tells version and number. */
export function keySet(version: number, groups: readonly number[], community = 0): CardKeySet {
  const key = (number: number) => new Uint8Array(16).fill((version << 4) + number).fill(community, 15);
  return { version, master: key(0), groups: new Map(groups.map((group) => [group, key(group)])) };
}

export interface Variant {
  readonly name: string;
  readonly order: PersonalisationOrder;
}

export const VARIANTS: readonly Variant[] = [
  { name: "DESFire", order: { kind: "desfire", uid: UID, keys: keySet(1, [1, 4, 13]) } },
  {
    name: "DESFire with random UID and transaction MAC",
    order: {
      kind: "desfire",
      uid: UID,
      keys: keySet(1, [2]),
      privacyKey: PRIVACY_KEY,
      transactionMac: { version: 1, value: new Uint8Array(16).fill(0x3c) },
    },
  },
  { name: "NTAG 424", order: { kind: "ntag424", uid: UID, keys: keySet(1, [1, 4]) } },
  {
    name: "NTAG 424 with random UID and address",
    order: {
      kind: "ntag424",
      uid: UID,
      keys: keySet(1, [1, 2]),
      privacyKey: PRIVACY_KEY,
      sun: { address: "https://gate.example/t?p={picc}&c={cmac}" },
    },
  },
];

/** Beside the variants: LRP takes many times the blocks of AES, too many for a test at every command of each flow. */
export const LRP_ORDER: PersonalisationOrder = {
  kind: "ntag424",
  uid: UID,
  keys: keySet(1, [1, 2]),
  privacyKey: PRIVACY_KEY,
  secureMessaging: "lrp",
};

export function blankCard(order: PersonalisationOrder, seed = "blank"): VirtualCard {
  const { bytes } = seededRandom(seed);
  return order.kind === "desfire"
    ? makeDesfireCard(blankDesfire(order.uid, "ev3"), bytes)
    : makeNtag424Card(blankNtag424(order.uid), bytes);
}

export const desk = { primitives, random: primitives.randomBytes };

/** The same keys as a gate holds them; several sets are several versions. */
export function readAtGate(
  card: VirtualCard | CardChannel,
  sets: readonly CardKeySet[],
  doorGroup: number,
  further: Partial<AuthenticateCardOptions> = {},
): Promise<CardReading> {
  return authenticateCard("reset" in card ? openInProcessChannel(card) : card, {
    primitives,
    ...further,
    doorGroup,
    random: primitives.randomBytes,
    privacyKeyFor: () => PRIVACY_KEY.value,
    keyFor: ({ kind }) =>
      "reset" in card && kind !== card.kind
        ? undefined
        : sets.flatMap(({ version, groups }): CardKey[] => {
            const key = groups.get(doorGroup);
            return key === undefined ? [] : [{ number: doorGroup, keyVersion: version, key }];
          }),
  });
}

/** Counts commands without changing them. */
export function counting(card: VirtualCard): { readonly channel: CardChannel; count(): number } {
  const inner = openInProcessChannel(card);
  let commands = 0;
  const transceive = (command: Uint8Array) => {
    commands += 1;
    return inner.transceive(command);
  };
  return { channel: { ...inner, transceive }, count: () => commands };
}

/** A card that is taken away at the command of that index: before the card saw it, or before its answer came back. */
export function torn(card: VirtualCard, index: number, when: "before" | "after"): CardChannel {
  const inner = openInProcessChannel(card);
  let commands = 0;
  return {
    ...inner,
    async transceive(command) {
      commands += 1;
      if (commands - 1 !== index) return inner.transceive(command);
      if (when === "after") await inner.transceive(command);
      inner.remove();
      throw new CredentialError("card-removed", "the card left the field");
    },
  };
}
