import type { StorageKey } from "../../keys/storage-key.ts";

/** Texts of complaints and answers under the storage key, each bound to its complaint. */
export function makeSealedTexts(storageKey: StorageKey) {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const context = (complaintId: string) => `complaint:${complaintId}`;
  return {
    seal: (complaintId: string, text: string): Uint8Array =>
      storageKey.seal(encoder.encode(text), context(complaintId)),
    /** Throws `keys-unreadable`. */
    open: (complaintId: string, sealed: Uint8Array): string =>
      decoder.decode(storageKey.open(sealed, context(complaintId))),
    sealBytes: (complaintId: string, bytes: Uint8Array): Uint8Array =>
      storageKey.seal(bytes, `${context(complaintId)}:nonce`),
    openBytes: (complaintId: string, sealed: Uint8Array): Uint8Array =>
      storageKey.open(sealed, `${context(complaintId)}:nonce`),
  };
}

export type SealedTexts = ReturnType<typeof makeSealedTexts>;
