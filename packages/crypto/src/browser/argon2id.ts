import { argon2idAsync } from "@noble/hashes/argon2.js";
import { type Argon2id, requireArgon2 } from "../argon2id.ts";

/** See {@link Argon2id}. Yields to the event loop now and then; seconds of work for what takes `./node` a tenth. */
export const argon2id: Argon2id = async (password, salt, cost, lengthBytes) => {
  requireArgon2(salt, cost, lengthBytes);
  const { memoryKib: m, passes: t, lanes: p } = cost;
  return argon2idAsync(password, salt, { m, t, p, dkLen: lengthBytes, version: 0x13 });
};
