import { fromHex, toHex } from "@menshen/crypto/node";
import { Instant, type TimeInterval } from "@menshen/domain";
import Type from "typebox";
import { Value } from "typebox/value";
import { GateError } from "../errors.ts";
import type { Seal } from "../keys/seal.ts";
import type { StateKeeper } from "../store/state-keeper.ts";
import type { Remote } from "../store/store-thread.ts";

/**
 * What was used of visitor passes and one-time tokens, for as long as they hold, sealed on the disk under names that tell
 * nothing. A use is on the disk before a lock is driven for it; what could not be stored does not open, and counts.
 */
export interface PassBook {
  /**
   * Spent tokens are known from here on. `undefined` until the time was known to a day once since the book was begun, or
   * begun anew after it was damaged: what was spent before is not in it.
   */
  tokensSince(now: TimeInterval): Instant | undefined;
  usesOf(passId: Uint8Array): number;
  /** Counts one more use of a pass; see {@link UseOutcome}. */
  use(passId: Uint8Array, most: number, until: Instant, now: TimeInterval): Promise<UseOutcome>;
  isSpent(serial: Uint8Array): boolean;
  spentOf(keyId: Uint8Array): number;
  /** Writes a token down as spent; `used` too when as many tokens of its key as `quota` were. */
  spend(token: SpentToken, quota: number, now: TimeInterval): Promise<UseOutcome>;
}

export interface SpentToken {
  readonly serial: Uint8Array;
  readonly keyId: Uint8Array;
  /** When its key's day is over. */
  readonly until: Instant;
}

/** `used`: it was before, as often as it may be; `not-stored`: the disk did not take it in time; `full`: no room. */
export type UseOutcome = "taken" | "used" | "not-stored" | "full";

export interface PassBookOptions {
  readonly state: Pick<Remote<StateKeeper>, "uses" | "saveUse">;
  readonly seal: Seal;
  readonly now: TimeInterval;
  /** Records that cannot be read, or none could: the book begins anew. */
  readonly failed: (fault: unknown) => void;
  /** How long somebody at a door waits for the disk. */
  readonly boundMs?: number;
  readonly most?: number;
}

/** As the counters of cards, with room for a snapshot that the same thread is storing. */
const BOUND_MS = 1_000;
const MOST_RECORDS = 20_000;
const MOST_SPREAD_MS = 86_400_000;
const PURPOSE = "menshen gate pass book v1";
const SINCE = "since";

const StoredRecord = Type.Union([
  Type.Object({ kind: Type.Literal("since"), atMs: Type.Integer() }),
  Type.Object({ kind: Type.Literal("pass"), count: Type.Integer({ minimum: 1 }) }),
  Type.Object({ kind: Type.Literal("token"), keyId: Type.String({ pattern: "^[0-9a-f]{16}$" }) }),
]);
type StoredRecord = Type.Static<typeof StoredRecord>;

interface Entry {
  readonly record: StoredRecord;
  readonly untilMs: number;
}

const text = new TextEncoder();

export async function openPassBook(options: PassBookOptions): Promise<PassBook> {
  const { state, seal } = options;
  const most = options.most ?? MOST_RECORDS;
  const boundMs = options.boundMs ?? BOUND_MS;
  const entries = new Map<string, Entry>();
  /** Tokens spent, by key. */
  const spent = new Map<string, number>();

  const nameOf = (what: string, id: Uint8Array) => toHex(seal.nameOf(`${PURPOSE} ${what}`, id));
  const sinceName = nameOf(SINCE, new Uint8Array());

  function keep(name: string, entry: Entry): void {
    const isNew = !entries.has(name);
    entries.set(name, entry);
    if (isNew && entry.record.kind === "token") {
      spent.set(entry.record.keyId, (spent.get(entry.record.keyId) ?? 0) + 1);
    }
  }

  /** Whether there is room for one more, once what is over was let go of. */
  function hasRoom(endedMs: number): boolean {
    if (entries.size < most) return true;
    for (const [name, { record, untilMs }] of entries) {
      if (untilMs >= endedMs) continue;
      entries.delete(name);
      if (record.kind === "token") spent.delete(record.keyId);
    }
    return entries.size < most;
  }

  function store(name: string, entry: Entry, endedMs: number): Promise<boolean> {
    keep(name, entry);
    const bytes = seal.seal(PURPOSE, text.encode(JSON.stringify(entry.record)));
    const stored = state.saveUse({ name: fromHex(name), untilMs: entry.untilMs, bytes }, endedMs).then(
      () => true,
      () => false,
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, boundMs, false);
    });
    return Promise.race([stored, late]).finally(() => clearTimeout(timer));
  }

  async function take(name: string, entry: Entry, now: TimeInterval): Promise<UseOutcome> {
    if (!hasRoom(now.earliest)) return "full";
    return (await store(name, entry, now.earliest)) ? "taken" : "not-stored";
  }

  function open(bytes: Uint8Array): StoredRecord | undefined {
    try {
      const value: unknown = JSON.parse(new TextDecoder().decode(seal.open(PURPOSE, bytes)));
      return Value.Check(StoredRecord, value) ? value : undefined;
    } catch (fault) {
      if (fault instanceof GateError || fault instanceof SyntaxError) return undefined;
      throw fault;
    }
  }

  const stored = await state.uses().catch((fault: unknown) => {
    options.failed(fault);
    return [];
  });
  let isDamaged = false;
  for (const { name, untilMs, bytes } of stored) {
    const record = open(bytes);
    if (record === undefined) isDamaged = true;
    else keep(toHex(name), { record, untilMs });
  }
  if (isDamaged) {
    // One of them may be a token's: from now on only.
    entries.delete(sinceName);
    options.failed(new GateError("seal-broken", "expected records of used passes that this gate sealed"));
  }

  function begin(now: TimeInterval): Instant | undefined {
    const known = entries.get(sinceName)?.record;
    if (known?.kind === "since") return Instant(known.atMs);
    if (now.latest - now.earliest > MOST_SPREAD_MS) return undefined;
    // If it is not stored, the book begins later after the next start: never earlier.
    void store(
      sinceName,
      { record: { kind: "since", atMs: now.latest }, untilMs: Number.MAX_SAFE_INTEGER },
      0,
    );
    return now.latest;
  }
  begin(options.now);

  function usesOf(passId: Uint8Array): number {
    const record = entries.get(nameOf("pass", passId))?.record;
    return record?.kind === "pass" ? record.count : 0;
  }
  const isSpent = (serial: Uint8Array) => entries.has(nameOf("token", serial));
  const spentOf = (keyId: Uint8Array) => spent.get(toHex(keyId)) ?? 0;

  return {
    tokensSince: begin,
    usesOf,
    async use(passId, mostUses, until, now) {
      const count = usesOf(passId);
      if (count >= mostUses) return "used";
      return take(
        nameOf("pass", passId),
        { record: { kind: "pass", count: count + 1 }, untilMs: until },
        now,
      );
    },
    isSpent,
    spentOf,
    async spend({ serial, keyId, until }, quota, now) {
      if (isSpent(serial) || spentOf(keyId) >= quota) return "used";
      return take(
        nameOf("token", serial),
        { record: { kind: "token", keyId: toHex(keyId) }, untilMs: until },
        now,
      );
    },
  };
}
