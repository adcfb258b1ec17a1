import * as crypto from "@menshen/crypto/node";
import { parseDecimal } from "../checks.ts";
import { formatAddCheckpoint } from "../log/add-checkpoint.ts";
import { type LogIdentity, openCheckpoint } from "../log/open-checkpoint.ts";
import type { NoteKey } from "../note/note-key.ts";
import { fromUtf8 } from "../note/note-text.ts";
import type { NoteSignature } from "../note/signed-note.ts";
import { parseNote } from "../note/signed-note.ts";

/** A witness that is asked for cosignatures. */
export interface WitnessAddress {
  /** Submission prefix: `/add-checkpoint` is appended. */
  readonly url: string;
  /** Type `ed25519-cosignature`. */
  readonly key: NoteKey;
}

/**
 * What a witness answered.
 *
 * - `cosigned`: its cosignature, verified;
 * - `has-other-size`: it cosigned another size last than it was told (409);
 * - `refuses-proof`: what it holds is not the beginning of this tree (422, or 409 for the very size it was told);
 * - `refuses`: it does not know the log or does not accept its signature (404, 403, 400);
 * - `silent`: no connection, no answer in time, a fault on its side, or an answer that is none.
 */
export type WitnessAnswer =
  | { readonly answer: "cosigned"; readonly signature: NoteSignature; readonly timeSeconds: number }
  | { readonly answer: "has-other-size"; readonly size: number }
  | { readonly answer: "refuses-proof" }
  | { readonly answer: "refuses"; readonly status: number }
  | { readonly answer: "silent"; readonly why: "no-answer" | "bad-answer" | "fault" };

/** The part of `fetch` that is used. */
export type Fetching = (url: string, init: RequestInit) => Promise<Response>;

const MAX_ANSWER_BYTES = 16 * 1024;

/**
 * Asks a witness once to cosign a checkpoint (C2SP tlog-witness). Never throws for what the witness does.
 *
 * @param ask.proof consistency proof from `oldSize` to the checkpoint
 * @param timeoutMs for the whole exchange
 */
export async function askWitness(
  fetching: Fetching,
  witness: WitnessAddress,
  log: Omit<LogIdentity, "witnessKeys">,
  ask: { readonly oldSize: number; readonly proof: readonly Uint8Array[]; readonly checkpoint: Uint8Array },
  timeoutMs: number,
): Promise<WitnessAnswer> {
  let status: number;
  let body: Uint8Array | undefined;
  try {
    const response = await fetching(`${witness.url.replace(/\/$/, "")}/add-checkpoint`, {
      method: "POST",
      headers: { "content-type": "text/plain; charset=utf-8" },
      body: Uint8Array.from(formatAddCheckpoint(ask)),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    status = response.status;
    body = await readShort(response);
  } catch {
    return { answer: "silent", why: "no-answer" };
  }
  if (status === 200) return cosignatureIn(witness, log, ask.checkpoint, body);
  if (status === 409) {
    const size = parseDecimal((fromUtf8(body ?? new Uint8Array()) ?? "").replace(/\n$/, ""));
    if (size === undefined) return { answer: "silent", why: "bad-answer" };
    return size === ask.oldSize ? { answer: "refuses-proof" } : { answer: "has-other-size", size };
  }
  if (status === 422) return { answer: "refuses-proof" };
  if (status >= 400 && status < 500 && status !== 429) return { answer: "refuses", status };
  return { answer: "silent", why: "fault" };
}

/** C2SP tlog-witness: the answer's lines are signature lines, so they are read by verifying the note they make. */
function cosignatureIn(
  { key }: WitnessAddress,
  log: Omit<LogIdentity, "witnessKeys">,
  checkpoint: Uint8Array,
  lines: Uint8Array | undefined,
): WitnessAnswer {
  const bad: WitnessAnswer = { answer: "silent", why: "bad-answer" };
  if (lines === undefined) return bad;
  const note = crypto.concatBytes(checkpoint, lines);
  const opened = openCheckpoint(crypto, note, { ...log, witnessKeys: [key] });
  const signature = parseNote(note)?.signatures.find(
    ({ name, keyId }) => name === key.name && keyId === key.keyId,
  );
  const [cosignature] = opened.opened ? opened.cosignatures : [];
  if (signature === undefined || cosignature?.timeSeconds === undefined) return bad;
  return { answer: "cosigned", signature, timeSeconds: cosignature.timeSeconds };
}

/** The body of an answer; `undefined` when it is longer than any answer is. */
async function readShort(response: Response): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let lengthBytes = 0;
  for await (const chunk of response.body ?? []) {
    lengthBytes += chunk.length;
    if (lengthBytes > MAX_ANSWER_BYTES) return undefined;
    chunks.push(chunk);
  }
  return crypto.concatBytes(...chunks);
}
