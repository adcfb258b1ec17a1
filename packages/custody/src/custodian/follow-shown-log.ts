import { fromHex, toHex } from "@menshen/crypto";
import {
  meetsQuorum,
  openCheckpoint,
  parseLogProof,
  proveConsistency,
  type TileSource,
  verifyConsistency,
} from "@menshen/evidence";
import { type RequestChecking, readPinned, type ShownRequest } from "./check-request.ts";
import type { SeenTree, StoreContents } from "./store-contents.ts";

/** Where the contents are kept; `change` writes them durably before it resolves. */
export interface ContentsPlace {
  readonly contents: () => StoreContents;
  readonly change: (work: (contents: StoreContents) => StoreContents) => Promise<unknown>;
}

/**
 * Follows the log to the checkpoint that a request came with, before `checkRequest` judges the request: a larger tree is
 * believed once the log's own tiles prove that it begins with the one seen last. A fork or a tree smaller than one
 * seen is written down as `logFault`, and nothing is answered until a person acknowledges it. Without such a proof
 * nothing changes, and `checkRequest` says `log-unproven`.
 *
 * A log's signature is enough to convict it; to be believed, a tree needs the quorum of witnesses as well.
 *
 * @param known what had been seen before the server was asked: another process may have gone on since
 * @param tiles of the log; its faults pass through, then nothing was learned
 * @param nowMs the program's own clock, Unix milliseconds
 */
export async function followShownLog(input: {
  readonly crypto: RequestChecking;
  readonly place: ContentsPlace;
  readonly request: Pick<ShownRequest, "proof">;
  readonly known: SeenTree | undefined;
  readonly tiles: TileSource;
  readonly nowMs: number;
}): Promise<void> {
  const { crypto, place, request, known, tiles, nowMs } = input;
  const shown = readShown(crypto, place.contents(), request.proof);
  if (shown === undefined) return;
  for (;;) {
    const before = place.contents();
    if (before.logFault !== undefined) return;
    const step = await compare(crypto, before.seen, known, shown, tiles);
    if (step === "nothing") return;
    let isTaken = false;
    await place.change((contents) => {
      if (contents.logFault !== undefined) return contents;
      // What was compared is not the newest any more: compare again.
      if (!isSameTree(contents.seen, before.seen)) return contents;
      isTaken = true;
      const { size, root } = shown;
      return step === "believed"
        ? { ...contents, seen: { size, root } }
        : { ...contents, logFault: { kind: step, size, root, atMs: nowMs } };
    });
    if (isTaken) return;
    if (place.contents().logFault !== undefined) return;
  }
}

/**
 * The person knows of the log's fault and has spoken with the others: the program answers again.
 *
 * @param believe `seen`: the tree from before the fault stays the one to follow; `shown`: the tree that contradicted it
 *   is followed from now on
 */
export function acknowledgeLogFault(contents: StoreContents, believe: "seen" | "shown"): StoreContents {
  const { logFault, ...rest } = contents;
  if (logFault === undefined || believe === "seen") return rest;
  return { ...rest, seen: { size: logFault.size, root: logFault.root } };
}

interface ShownTree extends SeenTree {
  readonly isWitnessed: boolean;
}

function readShown(crypto: RequestChecking, contents: StoreContents, proof: string): ShownTree | undefined {
  const pinned = readPinned(crypto, contents.log);
  const checkpoint = parseLogProof(proof)?.checkpoint;
  if (pinned === undefined || checkpoint === undefined) return undefined;
  const { logKeys, policy } = pinned;
  const witnessKeys = policy.witnesses.map(({ key }) => key);
  const opened = openCheckpoint(crypto, checkpoint, { origin: contents.log.origin, logKeys, witnessKeys });
  if (!opened.opened) return undefined;
  const { size, root } = opened.signed.checkpoint;
  return { size, root: toHex(root), isWitnessed: meetsQuorum(policy, opened.cosignatures) };
}

type Step = "believed" | "forked" | "rolled-back" | "nothing";

async function compare(
  { sha256 }: RequestChecking,
  seen: SeenTree | undefined,
  known: SeenTree | undefined,
  shown: ShownTree,
  tiles: TileSource,
): Promise<Step> {
  if (seen === undefined) return shown.isWitnessed ? "believed" : "nothing";
  if (shown.size === seen.size) return shown.root === seen.root ? "nothing" : "forked";
  const [smaller, larger] = shown.size > seen.size ? [seen, shown] : [shown, seen];
  const head = { size: larger.size, root: fromHex(larger.root) };
  const made = await proveConsistency(sha256, tiles, head, smaller.size);
  // The tiles add up to the larger root that the log signed: a smaller tree that is not its beginning is another log.
  const isForked =
    made.read &&
    !verifyConsistency(sha256, {
      oldSize: smaller.size,
      oldRoot: fromHex(smaller.root),
      newSize: larger.size,
      newRoot: head.root,
      proof: made.proof,
    });
  if (isForked) return "forked";
  // Whether it is a true beginning or not: who shows less than before goes back.
  if (known !== undefined && shown.size < known.size) return "rolled-back";
  return larger === shown && shown.isWitnessed && made.read ? "believed" : "nothing";
}

function isSameTree(a: SeenTree | undefined, b: SeenTree | undefined): boolean {
  return a?.size === b?.size && a?.root === b?.root;
}
