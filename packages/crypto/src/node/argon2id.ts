import * as nodeCrypto from "node:crypto";
import { type Argon2id, requireArgon2 } from "../argon2id.ts";

/** See {@link Argon2id}. Runs beside the event loop. */
export const argon2id: Argon2id = async (message, nonce, cost, tagLength) => {
  requireArgon2(nonce, cost, tagLength);
  const { memoryKib: memory, passes, lanes: parallelism } = cost;
  return new Promise((resolve, reject) => {
    nodeCrypto.argon2("argon2id", { message, nonce, memory, passes, parallelism, tagLength }, (fault, key) =>
      fault === null ? resolve(new Uint8Array(key)) : reject(fault),
    );
  });
};
