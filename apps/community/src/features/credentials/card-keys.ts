import { diversificationInput, diversifyAes128, type KeyedCardKind, layoutOf } from "@menshen/credentials";
import { primitives, toHex } from "@menshen/crypto/node";
import { CommunityId } from "@menshen/domain";
import { type CardPersonalisation, uuidBytes } from "@menshen/wire";
import type { ServerSecrets } from "../../keys/server-secrets.ts";

/** All cards are written with this version of their masters. */
export const CARD_KEY_VERSION = 1;

/** Makes the keys of single cards from the masters. */
export interface CardKeys {
  /** AES-128. `doorGroup` 0: the key that administers the card's application; else 1 to 13. */
  readonly keyFor: (kind: KeyedCardKind, uid: Uint8Array, doorGroup: number) => Uint8Array;
  /** All that a desk reader writes onto a blank card. */
  readonly personalisation: (
    kind: KeyedCardKind,
    uid: Uint8Array,
    doorGroups: readonly number[],
  ) => CardPersonalisation;
}

export function makeCardKeys(masters: ServerSecrets["masters"], communityIdText: string): CardKeys {
  const communityId = uuidBytes(CommunityId(communityIdText));
  const keyFor: CardKeys["keyFor"] = (kind, uid, doorGroup) => {
    const { applicationId } = layoutOf(kind);
    const input = diversificationInput({ uid, applicationId, communityId, doorGroup });
    return diversifyAes128(primitives, masters[kind], input);
  };
  return {
    keyFor,
    personalisation(kind, uid, doorGroups) {
      return {
        kind,
        ...(kind === "desfire" ? { applicationId: toHex(layoutOf(kind).applicationId) } : {}),
        keys: [0, ...doorGroups].map((number) => ({
          number,
          version: CARD_KEY_VERSION,
          value: toHex(keyFor(kind, uid, number)),
        })),
      };
    },
  };
}
