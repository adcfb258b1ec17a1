import { ed25519Verify, sha256 } from "@menshen/crypto";
import {
  type CheckpointRefusal,
  type LogVerifyKeys,
  logOverHttp,
  openCheckpoint,
  readEntries,
  type SignedCheckpoint,
  type TileRefusal,
  type VerifiedSignature,
} from "@menshen/evidence";

/** The checkpoint that the server shows now, or why it is none. */
export type ShownCheckpoint =
  | {
      readonly shown: true;
      readonly signed: SignedCheckpoint;
      readonly cosignatures: readonly VerifiedSignature[];
    }
  | { readonly shown: false; readonly refusal: CheckpointRefusal };

const reader = logOverHttp((url, init) => fetch(url, init), "/log");

/** Fetches and verifies the newest checkpoint. Rejects where it cannot be reached, or none was published yet. */
export async function readCheckpoint({ identity, policy }: LogVerifyKeys): Promise<ShownCheckpoint> {
  const note = await reader.checkpoint();
  const witnessKeys = policy.witnesses.map(({ key }) => key);
  const opened = openCheckpoint({ sha256, ed25519Verify }, note, { ...identity, witnessKeys });
  return opened.opened
    ? { shown: true, signed: opened.signed, cosignatures: opened.cosignatures }
    : { shown: false, refusal: opened.refusal };
}

/** Entries of one bundle, verified under a checkpoint, or the tile at fault. */
export type BundleRead =
  | { readonly read: true; readonly entries: readonly Uint8Array[] }
  | { readonly read: false; readonly refusal: TileRefusal; readonly path: string };

/** Reads 256 entries and checks each against the signed root. */
export function readBundle({ checkpoint }: SignedCheckpoint, bundleIndex: number): Promise<BundleRead> {
  return readEntries(sha256, reader.tile, checkpoint, bundleIndex);
}
