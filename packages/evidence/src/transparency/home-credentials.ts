import { toHex } from "@menshen/crypto";
import type { EvidenceLeaf } from "../leaf-commitment.ts";
import { credentialTag, HOME_NUMBERS, type HomeHashing } from "./home-key.ts";

/** What the log's entries tell whoever holds a home's key. */
export interface HomeCredential {
  readonly number: number;
  /** Entries that issue a credential under this number, rising. More than one: somebody gave the number twice. */
  readonly issuedAt: readonly number[];
  /** Entries that end it. */
  readonly endedAt: readonly number[];
}

/** Finds a home's credentials among entries of the log, whatever the server says of them. */
export interface HomeWatch {
  /** Takes the next entry. */
  readonly see: (index: number, leaf: EvidenceLeaf) => void;
  /** What was found so far, by rising number. */
  readonly found: () => readonly HomeCredential[];
}

/**
 * Prepares the look for a home's credentials: the tags of all numbers that a home can give.
 *
 * @throws {EvidenceError} `bad-length` for a key that is not 32 bytes
 */
export function watchHome(crypto: HomeHashing, homeKey: Uint8Array): HomeWatch {
  const numbers = new Map<string, number>();
  for (let number = 0; number < HOME_NUMBERS; number++) {
    numbers.set(toHex(credentialTag(crypto, homeKey, number)), number);
  }
  const seen = new Map<number, { readonly issuedAt: number[]; readonly endedAt: number[] }>();
  return {
    see(index, { topic, tag }) {
      const number = tag && numbers.get(toHex(tag));
      if (number === undefined) return;
      const credential = seen.get(number) ?? { issuedAt: [], endedAt: [] };
      seen.set(number, credential);
      if (topic === "credential-of-dwelling") credential.issuedAt.push(index);
      if (topic === "credential-ended") credential.endedAt.push(index);
    },
    found: () =>
      [...seen].sort(([a], [b]) => a - b).map(([number, credential]) => ({ number, ...credential })),
  };
}
