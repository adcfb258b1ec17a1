import { join } from "node:path";
import { fromHex, randomBytes, toHex, wipe } from "@menshen/crypto/node";
import { ReaderId } from "@menshen/domain";
import { OsdpError, parseScbk, type Scbk } from "@menshen/osdp";
import Type, { type Static } from "typebox";
import { Value } from "typebox/value";
import { GateError } from "../errors.ts";
import { readDurable, writeDurable } from "./durable-file.ts";
import type { Seal } from "./seal.ts";

/** The keys of one reader: the one in force, and one that was sent but not yet proven. */
export interface ReaderKey {
  readonly inForce: Scbk | undefined;
  readonly offered: Scbk | undefined;
  /** When the reader proved the one in force, Unix milliseconds, if known. */
  readonly sinceMs?: number | undefined;
}

/** The secure-channel keys of this gate's readers; made here, kept sealed, sent nowhere else. */
export interface ReaderKeys {
  of(readerId: ReaderId): ReaderKey;
  /**
   * A random key for a reader, stored as offered before it is sent: if the process dies between the reader taking it
   * and the proof, neither key is lost. @throws {GateError} `disk-full`, `disk-failed`
   */
  offer(readerId: ReaderId): Scbk;
  /** The reader proved the offered key, at this Unix time. @throws {GateError} `disk-full`, `disk-failed` */
  confirm(readerId: ReaderId, atMs: number): void;
  /** A key from the disk of the gate that served the reader before. @throws {GateError} `disk-full`, `disk-failed` */
  adopt(readerId: ReaderId, key: ReaderKey): void;
  /** How long the key in force has been so; infinite if nobody knows, undefined without a key. */
  ageMs(readerId: ReaderId, nowMs: number): number | undefined;
}

const Hex16 = Type.String({ pattern: "^[0-9a-f]{32}$" });
const StoredKeys = Type.Record(
  Type.String(),
  Type.Object({
    inForce: Type.Optional(Hex16),
    offered: Type.Optional(Hex16),
    sinceMs: Type.Optional(Type.Number()),
  }),
);

const PURPOSE = "menshen gate reader keys v1";
const FILE = "reader-keys.sealed";

/** @throws {GateError} `seal-broken`, `disk-failed` */
export function openReaderKeys(
  stateDir: string,
  seal: Seal,
  random: (lengthBytes: number) => Uint8Array = randomBytes,
): ReaderKeys {
  const path = join(stateDir, FILE);
  const keys = new Map<ReaderId, ReaderKey>();
  const sealed = readDurable(path);
  if (sealed !== undefined) {
    const plaintext = seal.open(PURPOSE, sealed);
    const stored: unknown = JSON.parse(Buffer.from(plaintext).toString("utf8"));
    wipe(plaintext);
    if (!Value.Check(StoredKeys, stored)) {
      throw new GateError("seal-broken", `${FILE}: expected reader keys of this version`);
    }
    for (const [readerId, { inForce, offered, sinceMs }] of Object.entries(stored)) {
      keys.set(ReaderId(readerId), {
        inForce: inForce === undefined ? undefined : parseScbk(fromHex(inForce)),
        offered: offered === undefined ? undefined : parseScbk(fromHex(offered)),
        ...(sinceMs === undefined ? {} : { sinceMs }),
      });
    }
  }

  function store(readerId: ReaderId, key: ReaderKey): void {
    const next = new Map(keys).set(readerId, key);
    const value: Static<typeof StoredKeys> = {};
    for (const [id, { inForce, offered, sinceMs }] of next) {
      value[id] = {
        ...(inForce === undefined ? {} : { inForce: toHex(inForce) }),
        ...(offered === undefined ? {} : { offered: toHex(offered) }),
        ...(sinceMs === undefined ? {} : { sinceMs }),
      };
    }
    const plaintext = new TextEncoder().encode(JSON.stringify(value));
    writeDurable(path, seal.seal(PURPOSE, plaintext));
    wipe(plaintext);
    keys.set(readerId, key);
  }

  function freshKey(): Scbk {
    for (;;) {
      try {
        return parseScbk(random(16));
      } catch (fault) {
        // One in 2^64 random keys looks like a pattern; draw again.
        if (!(fault instanceof OsdpError && fault.code === "weak-key")) throw fault;
      }
    }
  }

  const of = (readerId: ReaderId): ReaderKey =>
    keys.get(readerId) ?? { inForce: undefined, offered: undefined };

  return {
    of,
    offer(readerId) {
      const offered = freshKey();
      store(readerId, { ...of(readerId), offered });
      return offered;
    },
    confirm(readerId, atMs) {
      const { offered, inForce } = of(readerId);
      if (offered !== undefined) store(readerId, { inForce: offered, offered: undefined, sinceMs: atMs });
      else if (inForce === undefined)
        throw new GateError("request-invalid", "expected an offered reader key");
    },
    adopt: store,
    ageMs(readerId, nowMs) {
      const { inForce, sinceMs } = of(readerId);
      if (inForce === undefined) return undefined;
      return sinceMs === undefined ? Number.POSITIVE_INFINITY : nowMs - sinceMs;
    },
  };
}
