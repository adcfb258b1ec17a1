import { diversificationInput, diversifyAes128, type KeyedCardKind, layoutOf } from "@menshen/credentials";
import { primitives, toHex } from "@menshen/crypto/node";
import { CommunityId } from "@menshen/domain";
import { type CardPersonalisation, uuidBytes } from "@menshen/wire";
import type { ServerSecrets } from "../../keys/server-secrets.ts";

const MASTER_BYTES = 16;

/** Makes the keys of single cards from the masters. */
export interface CardKeys {
  /** AES-128. `doorGroup` 0: the key that administers the card's application; else 1 to 13. */
  readonly keyFor: (kind: KeyedCardKind, uid: Uint8Array, doorGroup: number, version: number) => Uint8Array;
  /** All that a desk reader writes onto a blank card. */
  readonly personalisation: (
    kind: KeyedCardKind,
    uid: Uint8Array,
    doorGroups: readonly number[],
    version: number,
  ) => CardPersonalisation;
}

/**
 * @param masters of version 1; those of later versions are derived from them, so a stolen gate, which holds keys of single
 *   cards, says nothing of the next version. Against a stolen server a new version does not help: its masters are lost.
 */
export function makeCardKeys(masters: ServerSecrets["masters"], communityIdText: string): CardKeys {
  const communityId = uuidBytes(CommunityId(communityIdText));
  const versions = new Map<string, Uint8Array>();
  const masterOf = (kind: KeyedCardKind, version: number): Uint8Array => {
    if (version === 1) return masters[kind];
    const name = `${kind} ${version}`;
    const known = versions.get(name);
    if (known !== undefined) return known;
    const info = new TextEncoder().encode(`menshen card master v1 ${name}`);
    const master = primitives.hkdfSha256(masters[kind], communityId, info, MASTER_BYTES);
    versions.set(name, master);
    return master;
  };
  const keyFor: CardKeys["keyFor"] = (kind, uid, doorGroup, version) => {
    const { applicationId } = layoutOf(kind);
    const input = diversificationInput({ uid, applicationId, communityId, doorGroup });
    return diversifyAes128(primitives, masterOf(kind, version), input);
  };
  return {
    keyFor,
    personalisation(kind, uid, doorGroups, version) {
      return {
        kind,
        ...(kind === "desfire" ? { applicationId: toHex(layoutOf(kind).applicationId) } : {}),
        keys: [0, ...doorGroups].map((number) => ({
          number,
          version,
          value: toHex(keyFor(kind, uid, number, version)),
        })),
      };
    },
  };
}
