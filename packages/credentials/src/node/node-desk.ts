import { primitives, randomBytes, tripleDesCbcDecrypt, tripleDesCbcEncrypt } from "@menshen/crypto/node";
import type { DeskDependencies } from "../personalise/personalise-card.ts";

/** What a desk works with on Node: `node:crypto` and the operating system's generator. */
export const nodeDesk: DeskDependencies = {
  primitives: { ...primitives, tripleDesCbcEncrypt, tripleDesCbcDecrypt },
  random: randomBytes,
};
