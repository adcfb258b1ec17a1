import * as crypto from "@menshen/crypto/node";
import { parseAddCheckpoint } from "../log/add-checkpoint.ts";
import { parseCheckpoint } from "../log/checkpoint.ts";
import { openCheckpoint } from "../log/open-checkpoint.ts";
import { verifyConsistency } from "../merkle/consistency.ts";
import { emptyRoot } from "../merkle/hashing.ts";
import type { NoteKey } from "../note/note-key.ts";
import { formatVerifierKey, noteKey } from "../note/note-key.ts";
import { cosignCheckpoint } from "../note/note-signature.ts";
import { fromUtf8 } from "../note/note-text.ts";
import { formatNote, parseNote } from "../note/signed-note.ts";
import type { WitnessStore } from "./witness-store.ts";

/** What a witness is made of. */
export interface WitnessOptions {
  /** Name of its key, by custom a URL without scheme. */
  readonly name: string;
  /** Ed25519 seed, 32 bytes. */
  readonly secretKey: Uint8Array;
  /** Keys of the logs it watches, type `ed25519`; a key's name is its log's origin. Two of one name: either signs. */
  readonly logs: readonly NoteKey[];
  readonly store: WitnessStore;
  /** Unix seconds. */
  readonly nowSeconds: () => number;
}

/** An answer over HTTP. */
export interface WitnessReply {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly contentType: string;
  readonly body: string;
}

/** A witness (C2SP tlog-witness). */
export interface Witness {
  /** Verifier key (C2SP signed-note). */
  readonly verifierKey: string;
  /**
   * Answers `POST /add-checkpoint`. Runs to its end without giving way, so two requests never check against the same
   * memory; throws when the memory cannot be written, and then has signed nothing.
   */
  readonly addCheckpoint: (body: Uint8Array) => WitnessReply;
}

/**
 * @throws {EvidenceError} `invalid-key-name`; `wrong-key-type`, `ambiguous-keys` for keys of logs that cannot be used
 */
export function makeWitness({ name, secretKey, logs, store, nowSeconds }: WitnessOptions): Witness {
  const { publicKey } = crypto.ed25519FromSecret(secretKey);
  const key = noteKey(crypto.sha256, { name, type: "ed25519-cosignature", publicKey });
  const identityOf = (origin: string) => ({
    origin,
    logKeys: logs.filter((log) => log.name === origin),
    witnessKeys: [],
  });
  for (const log of logs) openCheckpoint(crypto, new Uint8Array(), identityOf(log.name));

  const conflict = (size: number): WitnessReply => ({
    status: 409,
    contentType: "text/x.tlog.size",
    body: `${size}\n`,
  });

  function addCheckpoint(body: Uint8Array): WitnessReply {
    const request = parseAddCheckpoint(body);
    const note = request === undefined ? undefined : parseNote(request.checkpoint);
    const claimed = note === undefined ? undefined : parseCheckpoint(note.text);
    if (request === undefined || note === undefined || claimed === undefined) {
      return plain(400, "expected an old size, a proof and a checkpoint");
    }
    const identity = identityOf(claimed.origin);
    if (identity.logKeys.length === 0) return plain(404, "this log is not known here");
    const opened = openCheckpoint(crypto, request.checkpoint, identity);
    if (!opened.opened) return plain(403, `the checkpoint is refused: ${opened.refusal}`);
    const { size, root, origin } = opened.signed.checkpoint;
    if (request.oldSize > size) return plain(400, "the old size is above the checkpoint's");
    const latest = store.latest(origin);
    const old = latest ?? { size: 0, root: emptyRoot() };
    // Only what the log signed is kept: other people's signatures on the note may be anything.
    const signatures = note.signatures.filter(({ name: signer, keyId }) =>
      identity.logKeys.some((log) => log.name === signer && log.keyId === keyId),
    );
    const witnessed = { size, root, note: formatNote({ text: note.text, signatures }) };
    const otherRoot = size === old.size && !crypto.equalBytes(root, old.root);
    if (otherRoot) store.keepFork(origin, witnessed);
    if (request.oldSize !== old.size || otherRoot) return conflict(old.size);
    const claim = {
      oldSize: old.size,
      oldRoot: old.root,
      newSize: size,
      newRoot: root,
      proof: request.proof,
    };
    if (!verifyConsistency(crypto.sha256, claim)) {
      return plain(422, "the proof does not lead from the tree that was cosigned last to this one");
    }
    // INVARIANT: on disk before the signature exists. Dying in between costs the log one more question.
    if (!store.advance(origin, old.size, witnessed)) return conflict(store.latest(origin)?.size ?? 0);
    const cosignature = cosignCheckpoint(crypto, key, secretKey, note.text, nowSeconds());
    return {
      status: 200,
      contentType: "text/plain; charset=utf-8",
      body: signatureLines(note.text, cosignature),
    };
  }
  return { verifierKey: formatVerifierKey(key), addCheckpoint };
}

function signatureLines(text: string, signature: ReturnType<typeof cosignCheckpoint>): string {
  const note = fromUtf8(formatNote({ text, signatures: [signature] })) ?? "";
  return note.slice(text.length + 1);
}

function plain(status: 400 | 403 | 404 | 422, reason: string): WitnessReply {
  return { status, contentType: "text/plain; charset=utf-8", body: `${reason}\n` };
}
