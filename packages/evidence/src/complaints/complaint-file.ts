import { canonicalJson } from "@menshen/domain";
import { fieldsOf } from "./canonical-fields.ts";
import type { CommittedComplaint } from "./complaint-receipt.ts";

/** What a writer keeps of a complaint, on their device or as a file. */
export interface KeptComplaint {
  /** The signed note. */
  readonly receipt: string;
  /** What they wrote, with the nonce that opens the receipt's commitment; absent where only the receipt was kept. */
  readonly written?: CommittedComplaint & {
    /** 32 bytes, hexadecimal. */
    readonly nonce: string;
  };
}

const FORMAT = "menshen complaint v1";
const NONCE = /^[0-9a-f]{64}$/;

/** A kept complaint as a file: canonical JSON, one line. */
export function formatComplaintFile({ receipt, written }: KeptComplaint): string {
  if (written === undefined) return receipt;
  const { kind, category, text, nonce } = written;
  return `${canonicalJson({ format: FORMAT, receipt, kind, category, text, nonce })}\n`;
}

/** Parses such a file, or a receipt alone, as copied from a code or from paper; undefined for anything else. */
export function parseComplaintFile(file: string): KeptComplaint | undefined {
  const text = file.replaceAll("\r\n", "\n");
  if (!text.startsWith("{")) {
    return text.startsWith("menshen complaint receipt ") ? { receipt: `${text.trimEnd()}\n` } : undefined;
  }
  const fields = fieldsOf(text.trimEnd());
  if (fields?.format !== FORMAT) return undefined;
  const { receipt, kind, category, text: said, nonce } = fields;
  if (typeof receipt !== "string" || typeof kind !== "string" || typeof category !== "string")
    return undefined;
  if (typeof said !== "string" || typeof nonce !== "string" || !NONCE.test(nonce)) return undefined;
  return { receipt, written: { kind, category, text: said, nonce } };
}
