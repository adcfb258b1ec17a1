import { formatComplaintFile, type KeptComplaint } from "@menshen/evidence";
import { complaintNumber } from "@menshen/ui/complaints";
import type { OwnComplaint } from "@menshen/wire";

/** What a writer keeps of a complaint. */
export function keptOf({ receipt, kind, category, text, nonce }: OwnComplaint): KeptComplaint {
  return { receipt, written: { kind, category, text, nonce } };
}

/** Saves a receipt with its words, to be checked anywhere. */
export function saveReceipt(complaint: OwnComplaint): void {
  const url = URL.createObjectURL(
    new Blob([formatComplaintFile(keptOf(complaint))], { type: "application/json" }),
  );
  const link = document.createElement("a");
  link.href = url;
  link.download = `menshen-complaint-${complaintNumber(complaint.id)}.json`;
  link.click();
  URL.revokeObjectURL(url);
}
