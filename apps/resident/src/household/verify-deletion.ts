import { coseVerify1, ed25519Verify, sha256 } from "@menshen/crypto";
import { parseVerifierKey, verifyDeletionReceipt } from "@menshen/evidence";
import { externalAad, forgottenMessage, uuidText, WireError } from "@menshen/wire";

/** How many gates signed, by what this device checked itself; undefined: a signature does not hold. */
export function gatesThatSigned(receipt: string, receiptKey: string): number | undefined {
  const parsed = parseVerifierKey(sha256, receiptKey);
  if (!parsed.parsed) return undefined;
  const keys = { receiptKey: parsed.key.publicKey };
  const verdict = verifyDeletionReceipt({ ed25519Verify, openGateReceipt }, receipt, keys);
  if (!verdict.verified) return undefined;
  return verdict.receipt.gates.filter(({ state }) => state === "answered").length;
}

function openGateReceipt(message: Uint8Array, publicKey: Uint8Array) {
  const key = { alg: "ES256", publicKey } as const;
  const opened = coseVerify1({ message, key, externalAad: externalAad("forgotten") });
  if (!opened.verified) return undefined;
  try {
    const { gateId, deletionId } = forgottenMessage.decode(opened.payload);
    return { gateId, deletionId: uuidText(deletionId) };
  } catch (fault) {
    if (fault instanceof WireError) return undefined;
    throw fault;
  }
}
