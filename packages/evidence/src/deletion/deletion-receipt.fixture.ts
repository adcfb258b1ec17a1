import { ed25519FromSecret, ed25519Sign } from "@menshen/crypto/node";
import { type DeletionReceipt, makeDeletionReceipt } from "./deletion-receipt.ts";

export const RECEIPT_KEY = ed25519FromSecret(new Uint8Array(32).fill(7));
const GATE = "00000000-0000-4000-8000-000000000004";
const DELETION = "00000000-0000-4000-8000-000000000001";

export const RECEIPT: DeletionReceipt = {
  deletionId: DELETION,
  communityId: "00000000-0000-4000-8000-000000000002",
  communityName: "海棠苑",
  ground: "asked",
  begunAt: 1_800_000_000_000,
  at: 1_800_000_060_000,
  isClosed: true,
  sealedUntil: 1_803_000_000_000,
  recordsUntil: 1_835_000_000_000,
  stores: [{ store: "database", at: 1_800_000_000_100 }],
  gates: [
    {
      gateId: GATE,
      name: "北门",
      state: "answered",
      at: 1_800_000_000_200,
      deviceKey: "04aa",
      receipt: "d28443",
    },
    { gateId: "00000000-0000-4000-8000-000000000005", name: "西门", state: "released" },
  ],
};

/** Stands for the gate's own signature, which this package does not read. */
export const openGateReceipt = (message: Uint8Array) =>
  message[0] === 0xd2 ? { gateId: GATE, deletionId: DELETION } : undefined;

export const made = (changes: Partial<DeletionReceipt> = {}) =>
  makeDeletionReceipt({ ...RECEIPT, ...changes }, (message) => ed25519Sign(RECEIPT_KEY.secretKey, message));
