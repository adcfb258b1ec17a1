import { concatBytes, type RandomBytes, sha512 } from "@menshen/crypto";
import { ascii, unsigned } from "../bytes.ts";

/** The byte stream of a seed, SHA-512(seed ‖ counter), for tests and vectors: the same bytes in every run. */
export function seededRandom(seed: string): RandomBytes {
  let counter = 0;
  return (lengthBytes) => {
    const blocks: Uint8Array[] = [];
    for (let have = 0; have < lengthBytes; have += 64) {
      blocks.push(sha512(concatBytes(ascii(seed), unsigned(counter, 8))));
      counter += 1;
    }
    return concatBytes(...blocks).slice(0, lengthBytes);
  };
}
