import { sha256 } from "@menshen/crypto/node";
import { EvidenceError } from "../evidence-error.ts";
import { formatLogProof } from "../log/log-proof.ts";
import type { LogIdentity, SignedCheckpoint } from "../log/open-checkpoint.ts";
import { openCheckpoint } from "../log/open-checkpoint.ts";
import { bodiesOf, countedIn } from "../log/witness-policy.ts";
import { formatVerifierKey } from "../note/note-key.ts";
import type { VerifiedSignature } from "../note/note-signature.ts";
import { fromUtf8 } from "../note/note-text.ts";
import { formatNote, parseNote } from "../note/signed-note.ts";
import { proveInclusion, proveInclusionOfMany } from "../tiles/prove.ts";
import type { TreeHead } from "../tiles/read-tiles.ts";
import { readEntries } from "../tiles/read-tiles.ts";
import { TILE_WIDTH } from "../tiles/tile.ts";
import { logKeysOf } from "./log-keys.ts";
import { CommitUnknown, inTransaction, type LogPool, numberIn } from "./log-pool.ts";
import { appendBatch, BATCH_LEAVES } from "./sequence.ts";
import {
  newestCheckpoint,
  newestPublished,
  readTileOf,
  type StoredCheckpoint,
  tilesIn,
} from "./stored-log.ts";
import type { Fetching } from "./witness-client.ts";
import { cosignatureOf, type LogWitness, noteCosigned, type WitnessResult } from "./witness-round.ts";

/** What a log is made of. */
export interface LogOptions {
  /** Of a database with the tables `evidence_*`; `pg.Pool` fits. */
  readonly pool: LogPool;
  /** Name of the log, first line of its checkpoints; also the name of its key. No spaces, no plus signs. */
  readonly origin: string;
  /** Ed25519 seed of the log's key, 32 bytes. */
  readonly secretKey: Uint8Array;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Until {@link EvidenceLog.relyOn} names others. */
  readonly witnesses: readonly LogWitness[];
  /** Bodies that must cosign before a checkpoint is published. 0: the log's own signature is enough. */
  readonly quorum: number;
  /** The platform's own `fetch` unless told. */
  readonly fetching?: Fetching;
  /** For each question to a witness; 5,000 unless told. */
  readonly witnessTimeoutMs?: number;
  /** Cosignatures older than this are renewed, so that readers see the log is not held back; an hour unless told. */
  readonly renewAfterMs?: number;
}

/**
 * Why nothing is given an index. Leaves wait meanwhile; none is lost.
 *
 * - `log-behind-witness`, `log-forked`: see {@link WitnessTrouble};
 * - `log-behind-itself`: the database has less than this process saw committed, or other: it was restored;
 * - `witnesses-silent`: since the start too few bodies' witnesses answered to be sure that the database is no old copy.
 */
export type LogAlarm = "log-behind-witness" | "log-forked" | "log-behind-itself" | "witnesses-silent";

/** What {@link EvidenceLog.sequence} did. `head` is committed, not published. */
export type Sequenced =
  | {
      readonly outcome: "sequenced";
      readonly head: TreeHead;
      readonly appended: number;
      readonly more: boolean;
    }
  | {
      readonly outcome: "refused";
      readonly alarm: LogAlarm;
      readonly storedSize: number;
      /** The larger size that a witness or this process has seen. */
      readonly seenSize?: number;
    };

/** What {@link EvidenceLog.publish} did. */
export interface Published {
  /** Size of the newest checkpoint that enough bodies cosigned; `undefined` when there is none. */
  readonly size: number | undefined;
  /** The witnesses that were asked; none when nothing was to be asked. */
  readonly results: readonly WitnessResult[];
}

/** A leaf's proof in parts, against the newest published checkpoint. */
export interface Inclusion {
  readonly index: number;
  readonly entry: Uint8Array;
  /** Hashes of 32 bytes, from the leaf's sibling upwards. */
  readonly hashes: readonly Uint8Array[];
  readonly size: number;
  /** The checkpoint's note with its cosignatures. */
  readonly checkpoint: Uint8Array;
}

/** A common proof of several leaves. */
export interface InclusionOfMany {
  /** See `verifyInclusionOfMany`. */
  readonly hashes: readonly Uint8Array[];
  readonly size: number;
  /** The checkpoint's note: with its cosignatures if it is published. */
  readonly checkpoint: Uint8Array;
}

/** A published checkpoint. */
export interface PublishedCheckpoint {
  readonly signed: SignedCheckpoint;
  /** The note with its cosignatures, as it is shown to everybody. */
  readonly note: Uint8Array;
  readonly cosignatures: readonly VerifiedSignature[];
}

/**
 * An evidence log in PostgreSQL. Holds nothing in memory that it could not read again, so several processes may work
 * on one database and any of them may die at any moment. Every method passes faults of the pool through, and throws
 * {@link EvidenceError} `log-damaged` for a database that contradicts itself or belongs to another key.
 */
export interface EvidenceLog {
  /** Verifier key of the log (C2SP signed-note). */
  readonly verifierKey: string;
  /**
   * Gives indices to waiting leaves, at most 4,096, and signs a checkpoint. Call it again while `more`.
   * Where a commit's outcome is unknown it looks what was committed and answers with that.
   */
  sequence(): Promise<Sequenced>;
  /**
   * Asks the witnesses to cosign the newest checkpoint, and publishes it once enough bodies did. Asks nobody while
   * all of them have cosigned lately.
   */
  publish(): Promise<Published>;
  /**
   * Other witnesses, or another quorum, from now on. What witnesses that stay have said since the start counts on.
   *
   * @throws {EvidenceError} `ambiguous-keys`, `wrong-key-type`: nothing changed then
   */
  relyOn(witnesses: readonly LogWitness[], quorum: number): void;
  /** Asks a witness that this log does not rely on to cosign its newest checkpoint; `undefined` before there is one. */
  tryWitness(witness: LogWitness): Promise<WitnessResult | undefined>;
  /** Newest checkpoint that is committed; not to be shown before it is published. */
  head(): Promise<SignedCheckpoint | undefined>;
  published(): Promise<PublishedCheckpoint | undefined>;
  /** A tile or bundle of the published tree by its C2SP path, `tile/0/000` or `tile/entries/000.p/7`. */
  readTile(path: string): Promise<Uint8Array | undefined>;
  /** Index of a leaf by the id (UUID) it was recorded with; `undefined` while it waits or if there is none. */
  indexOf(leafId: string): Promise<number | undefined>;
  /** Proof of a leaf in parts; `undefined` when the published tree does not have it yet. */
  inclusionOf(index: number): Promise<Inclusion | undefined>;
  /**
   * One proof for several leaves; `undefined` when that tree does not have all of them yet. `signed`: of the newest
   * committed tree, which witnesses may not have seen.
   *
   * @param indices at least one, rising
   */
  inclusionOfMany(
    indices: readonly number[],
    tree: "published" | "signed",
  ): Promise<InclusionOfMany | undefined>;
  /** The same as C2SP tlog-proof text, with the entry as `extra`. */
  proofOf(index: number): Promise<string | undefined>;
}

const WITNESS_TIMEOUT_MS = 5_000;
const RENEW_AFTER_MS = 3_600_000;

/**
 * Opens a log; nothing is read or written yet. A database without checkpoints becomes a new, empty log at the first
 * {@link EvidenceLog.sequence}.
 *
 * @throws {EvidenceError} `invalid-key-name`, `ambiguous-keys`, `wrong-key-type`
 */
export function openLog(options: LogOptions): EvidenceLog {
  const { pool, origin, now } = options;
  const keys = logKeysOf(origin, options.secretKey);
  const fetching = options.fetching ?? fetch;
  const timeoutMs = options.witnessTimeoutMs ?? WITNESS_TIMEOUT_MS;
  let { witnesses, quorum } = options;
  let identity = identityWith(witnesses);
  /** The largest tree that this process knows to be committed. */
  let seen: TreeHead | undefined;
  /** Last word of each witness since the start, by its key. */
  const words = new Map<string, WitnessResult>();

  /** A log that cannot be opened by its readers must not begin. */
  function identityWith(known: readonly LogWitness[]): LogIdentity {
    const made = { origin, logKeys: [keys.key], witnessKeys: known.map(({ key }) => key) };
    openCheckpoint(keys.crypto, new Uint8Array(), made);
    return made;
  }

  const wordOf = ({ key }: LogWitness) => words.get(formatVerifierKey(key));

  async function ask(checkpoint: StoredCheckpoint): Promise<WitnessResult[]> {
    const results = await Promise.all(
      witnesses.map((witness) => cosignatureOf(pool, keys, fetching, witness, checkpoint, timeoutMs)),
    );
    for (const result of results) {
      // Silence takes nothing back that a witness said before.
      if (result.trouble !== "witness-silent" || wordOf(result.witness) === undefined)
        words.set(formatVerifierKey(result.witness.key), result);
    }
    return results;
  }

  /**
   * Whether leaves may get indices. A restored database would sign another history for sizes that were published, so
   * enough bodies must first have said that they know no larger tree: as many as the quorum, or fewer where each quorum
   * contains one of them all the same. Any one witness speaks for its body: one that is dead stops nothing.
   */
  function alarm(): { readonly alarm: LogAlarm; readonly seenSize?: number } | undefined {
    for (const { trouble, witnessSize } of witnesses.flatMap((witness) => wordOf(witness) ?? [])) {
      if (trouble === "log-forked") return { alarm: "log-forked" };
      if (trouble === "log-behind-witness") {
        return { alarm: trouble, ...(witnessSize === undefined ? {} : { seenSize: witnessSize }) };
      }
    }
    const counted = countedIn(witnesses);
    const bodies = new Set(counted.map(({ body }) => body));
    const heard = new Set(counted.filter((witness) => answered(witness)).map(({ body }) => body));
    const enough = Math.min(quorum, Math.max(1, bodies.size - quorum + 1));
    return heard.size < enough ? { alarm: "witnesses-silent" } : undefined;
  }

  function answered(witness: LogWitness): boolean {
    const word = wordOf(witness);
    return word !== undefined && word.trouble === undefined;
  }

  /** As `appendBatch`; after a commit without an answer, what stands is what counts. */
  async function append(limit: number): Promise<Sequenced> {
    const before = seen;
    const attempt = () => appendBatch(pool, keys, now(), before, limit);
    const done = await attempt().catch((error: unknown) => {
      if (!(error instanceof CommitUnknown)) throw error;
      // The lock orders this after the transaction in doubt, wherever that ended.
      return attempt();
    });
    if (done.outcome === "set-back") {
      const { storedSize } = done;
      const seenSize = before?.size ?? 0;
      return { outcome: "refused", alarm: "log-behind-itself", storedSize, seenSize };
    }
    if (seen === undefined || done.head.size >= seen.size) seen = done.head;
    return { ...done, outcome: "sequenced" };
  }

  async function sequence(): Promise<Sequenced> {
    let newest = await newestCheckpoint(pool, keys);
    if (newest === undefined && seen === undefined) {
      await append(0);
      newest = await newestCheckpoint(pool, keys);
    }
    if (newest !== undefined && alarm() !== undefined) {
      await ask(newest);
      const standing = alarm();
      const storedSize = newest.signed.checkpoint.size;
      if (standing !== undefined) return { outcome: "refused", storedSize, ...standing };
    }
    return await append(BATCH_LEAVES);
  }

  /** What a note has of our witnesses' cosignatures. */
  function cosignaturesOf(note: Uint8Array): readonly VerifiedSignature[] {
    const opened = openCheckpoint(keys.crypto, note, identity);
    if (!opened.opened) {
      throw new EvidenceError(
        "log-damaged",
        `expected a published checkpoint, it is refused: ${opened.refusal}`,
      );
    }
    return opened.cosignatures;
  }

  function needsCosignatures({ published }: StoredCheckpoint): boolean {
    if (published === undefined) return true;
    const notBefore = Math.floor((now() - (options.renewAfterMs ?? RENEW_AFTER_MS)) / 1_000);
    const fresh = cosignaturesOf(published).filter(({ timeSeconds = 0 }) => timeSeconds >= notBefore);
    return fresh.length < witnesses.length;
  }

  async function publish(): Promise<Published> {
    const newest = await newestCheckpoint(pool, keys);
    let results: readonly WitnessResult[] = [];
    if (newest !== undefined && needsCosignatures(newest)) {
      results = await ask(newest);
      await storeCosignatures(newest, results);
    }
    return { size: (await newestPublished(pool, keys))?.signed.checkpoint.size, results };
  }

  async function storeCosignatures(
    { signed, published }: StoredCheckpoint,
    results: readonly WitnessResult[],
  ): Promise<void> {
    const { size } = signed.checkpoint;
    const parsed = parseNote(signed.note);
    if (parsed === undefined) throw new EvidenceError("log-damaged", "expected a stored note");
    const fresh = results.flatMap(({ witness, answer }) =>
      answer.answer === "cosigned" ? [{ witness, signature: answer.signature }] : [],
    );
    // A witness that is silent today cosigned this very checkpoint yesterday: that stays.
    const earlier = (published === undefined ? [] : (parseNote(published)?.signatures ?? [])).filter(
      ({ name, keyId }) =>
        !fresh.some(({ witness }) => witness.key.name === name && witness.key.keyId === keyId) &&
        witnesses.some(({ key }) => key.name === name && key.keyId === keyId),
    );
    const signatures = [...parsed.signatures, ...fresh.map(({ signature }) => signature), ...earlier];
    const note = formatNote({ text: parsed.text, signatures });
    const bodies = bodiesOf({ witnesses, quorum }, cosignaturesOf(note));
    await inTransaction(pool, async (client) => {
      for (const { witness } of fresh) await noteCosigned(client, witness, size);
      if (bodies.length < quorum) return;
      await client.query("update evidence_checkpoint set published = $2 where size = $1", [
        size,
        fromUtf8(note),
      ]);
    });
  }

  async function published(): Promise<PublishedCheckpoint | undefined> {
    const stored = await newestPublished(pool, keys);
    if (stored?.published === undefined) return undefined;
    const { signed, published: note } = stored;
    return { signed, note, cosignatures: cosignaturesOf(note) };
  }

  async function newestSigned(): Promise<Pick<PublishedCheckpoint, "signed" | "note"> | undefined> {
    const newest = await newestCheckpoint(pool, keys);
    return newest && { signed: newest.signed, note: newest.signed.note };
  }

  async function inclusionOf(index: number): Promise<Inclusion | undefined> {
    const shown = await published();
    if (shown === undefined || index >= shown.signed.checkpoint.size) return undefined;
    const head = shown.signed.checkpoint;
    const source = tilesIn(pool);
    const [made, read] = [
      await proveInclusion(sha256, source, head, index),
      await readEntries(sha256, source, head, Math.floor(index / TILE_WIDTH)),
    ];
    if (!made.read || !read.read) {
      const path = made.read ? (read.read ? "" : read.path) : made.path;
      throw new EvidenceError("log-damaged", `expected tiles of the stored log: ${path} is refused`);
    }
    const entry = read.entries[index % TILE_WIDTH] ?? new Uint8Array();
    return { index, entry, hashes: made.proof, size: head.size, checkpoint: shown.note };
  }

  return {
    verifierKey: formatVerifierKey(keys.key),
    relyOn(others, needed) {
      identity = identityWith(others);
      witnesses = others;
      quorum = needed;
    },
    async tryWitness(witness) {
      const newest = await newestCheckpoint(pool, keys);
      return newest && (await cosignatureOf(pool, keys, fetching, witness, newest, timeoutMs));
    },
    sequence,
    publish,
    published,
    inclusionOf,
    async inclusionOfMany(indices, tree) {
      const shown = await (tree === "published" ? published() : newestSigned());
      const last = indices.at(-1);
      if (shown === undefined || last === undefined || last >= shown.signed.checkpoint.size) return undefined;
      const head = shown.signed.checkpoint;
      const made = await proveInclusionOfMany(sha256, tilesIn(pool), head, indices);
      if (!made.read) {
        throw new EvidenceError("log-damaged", `expected tiles of the stored log: ${made.path} is refused`);
      }
      return { hashes: made.proof, size: head.size, checkpoint: shown.note };
    },
    async head() {
      const newest = await newestCheckpoint(pool, keys);
      const before = seen;
      if (newest !== undefined && (before === undefined || newest.signed.checkpoint.size > before.size)) {
        seen = newest.signed.checkpoint;
      }
      return newest?.signed;
    },
    async readTile(path) {
      const size = (await newestPublished(pool, keys))?.signed.checkpoint.size ?? 0;
      return await readTileOf(pool, size, path);
    },
    async indexOf(leafId) {
      const { rows } = await pool.query("select index from evidence_leaf where leaf_id = $1", [leafId]);
      return rows[0] === undefined ? undefined : numberIn(rows[0], "index");
    },
    async proofOf(index) {
      const inclusion = await inclusionOf(index);
      return inclusion === undefined ? undefined : formatLogProof({ ...inclusion, extra: inclusion.entry });
    },
  };
}
