import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { primitives, randomBytes } from "@menshen/crypto/node";
import {
  combinePartials,
  type EntryLabel,
  encodeIdentityText,
  makePartial,
  type PreparedSeal,
  parseSealedEntry,
  prepareSeal,
  sealEntry,
  type TrailText,
  wrapTrail,
} from "@menshen/custody";
import { CredentialKey } from "@menshen/domain";
import { type HeldCeremony, holdCeremony } from "@menshen/testkit/ceremony";
import { median, type Result, rounded } from "./result.ts";

const ROUNDS = 9;
const PER_ROUND = 100;
const EPOCHS = 13;

/** Processor milliseconds of this thread. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Processor milliseconds of one call, the median of rounds. */
function perCall(work: (call: number) => void): number {
  let call = 0;
  const round = () =>
    cpuMs(() => {
      for (let i = 0; i < PER_ROUND; i += 1) work(call++);
    }) / PER_ROUND;
  round();
  return median(Array.from({ length: ROUNDS }, round));
}

/** Three custodians in one process, two of whom open, and how long each computed. */
function timeCeremony(): HeldCeremony & { readonly msPerCustodian: number } {
  let held: HeldCeremony | undefined;
  const totalMs = cpuMs(() => {
    held = holdCeremony({ threshold: { k: 2, n: 3 }, firstEpoch: 1, epochCount: EPOCHS });
  });
  if (held === undefined) throw new Error("no ceremony was held");
  return { ...held, msPerCustodian: totalMs / 3 };
}

const identity = encodeIdentityText({
  kind: "desfire",
  credentialKey: CredentialKey(randomBytes(16)),
  counter: 0,
});
const labelOf = (sequence: number): EntryLabel => ({
  gate: new Uint8Array(16).fill(1),
  sequence,
  accessPoint: new Uint8Array(16).fill(2),
  timeMs: 1_795_305_600_000 + sequence,
});
const textOf = (sequence: number): TrailText => ({
  kind: "desfire",
  granted: true,
  reason: 0,
  timeMs: 1_795_305_600_000 + sequence,
  accessPoint: new Uint8Array(16).fill(2),
  sequence,
  credential: new Uint8Array(8).fill(3),
});

/** Milliseconds by the clock of one synced INSERT of a row as long as a sealed entry. */
function insertMs(entry: Uint8Array): number {
  const folder = mkdtempSync(join(tmpdir(), "bench-seal-"));
  const database = new DatabaseSync(join(folder, "rows.db"));
  try {
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL");
    database.exec("CREATE TABLE journal (sequence INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT");
    const insert = database.prepare("INSERT INTO journal VALUES (?, ?)");
    const times = Array.from({ length: 200 }, (_, i) => {
      const start = performance.now();
      insert.run(i, entry);
      return performance.now() - start;
    });
    return median(times);
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}

/** Sealing an entry at a gate, opening one, and a ceremony of the keys of a year. */
export function benchSeal(): Result[] {
  const ceremonies = [1, 2, 3].map(timeCeremony);
  const [{ keys, shares } = { keys: [], shares: [] }] = ceremonies;
  const [key] = keys;
  const [one, two] = shares.map(([share]) => share);
  if (key === undefined || one === undefined || two === undefined)
    throw new Error("expected keys and shares");
  const resident = primitives.x25519PublicKey(randomBytes(32));

  const sealed = perCall((sequence) => {
    sealEntry({ key, label: labelOf(sequence), plaintext: identity, random: randomBytes });
  });
  const wrapped = perCall((sequence) => {
    wrapTrail(primitives, resident, textOf(sequence));
  });
  const ahead: PreparedSeal[] = Array.from({ length: (ROUNDS + 1) * PER_ROUND }, () =>
    prepareSeal(key, randomBytes),
  );
  const prepared = perCall((call) => {
    ahead[call]?.({ label: labelOf(call), plaintext: identity });
  });
  const entry = parseSealedEntry(
    sealEntry({ key, label: labelOf(7), plaintext: identity, random: randomBytes }),
  );
  const opened = median(
    Array.from({ length: 41 }, () =>
      cpuMs(() => {
        const partials = [one, two].flatMap((share) => {
          const made = makePartial({ key, share, label: entry.label, entry, random: randomBytes });
          return made.made ? [made.partial] : [];
        });
        if (!combinePartials({ key, entry, partials }).opened) throw new Error("the entry does not open");
      }),
    ),
  );
  const plainMs = insertMs(new Uint8Array(283 + 96 + 160));
  const total = sealed + wrapped;
  return [
    {
      id: "seal.ms",
      value: rounded(total),
      unit: "ms",
      better: "lower",
      target: 6,
      rivals: [
        {
          name: "INSERT of such a row, SQLite, synced",
          value: rounded(plainMs),
          ratio: rounded(plainMs / total),
        },
      ],
      note: `sealing to the custodians ${rounded(sealed)} and wrapping to the resident ${rounded(wrapped)}, of one core's time; the INSERT by the clock, for scale`,
    },
    {
      id: "seal.at_the_door_ms",
      value: rounded(prepared + wrapped),
      unit: "ms",
      better: "lower",
      note: "the same when what does not depend on the entry was computed before, as a gate does in idle time",
    },
    {
      id: "open.ms",
      value: rounded(opened),
      unit: "ms",
      better: "lower",
      note: "two custodians' answers with their proofs, both checked and combined, of one core's time",
    },
    {
      id: "ceremony.ms",
      value: rounded(median(ceremonies.map(({ msPerCustodian }) => msPerCustodian))),
      unit: "ms",
      better: "lower",
      note: `key generation of ${EPOCHS} epochs, 2 of 3: what each custodian's program computes`,
    },
  ];
}
