import { type primitives as browserPrimitives, fromHex, toHex } from "@menshen/crypto";
import {
  type AuditFinding,
  auditLog,
  auditNew,
  EMPTY_EDGE,
  formatAuditState,
  type LogReader,
  type LogVerifyKeys,
  parseAuditState,
  parseLeaf,
  watchHome,
} from "@menshen/evidence";

/** An entry of the log that concerns a home. */
export interface FoundEntry {
  readonly index: number;
  /** The leaf's bytes, hexadecimal. */
  readonly entry: string;
}

/** What the log has under one of a home's numbers. */
export interface FoundNumber {
  readonly number: number;
  readonly issued: readonly FoundEntry[];
  readonly endedAt: readonly number[];
}

/** What this device found of one home, under the key that it was given first. */
export interface FoundHome {
  readonly dwellingTag: string;
  readonly homeKey: string;
  readonly numbers: readonly FoundNumber[];
  /** Registrations under the home's tag. */
  readonly registrations: readonly FoundEntry[];
}

/** What this device remembers of its looking; plain data. */
export interface HomesWatched {
  /** As `formatAuditState` writes it. */
  readonly audit: string;
  /** Entries that were read. */
  readonly size: number;
  readonly homes: readonly FoundHome[];
}

/** A home as the server names it. */
export interface HomeToWatch {
  readonly dwellingTag: string;
  readonly homeKey: string;
}

export interface HomesLook {
  readonly watched: HomesWatched;
  /** What is wrong with the log itself. */
  readonly findings: readonly AuditFinding["finding"][];
}

type Crypto = typeof browserPrimitives & Parameters<typeof auditLog>[0];

/**
 * Reads what is new of the log, verified entry by entry, and looks for all numbers of each home. From the first entry
 * where a home was not looked for before. A key that was seen for a home once stays: another one later finds nothing.
 *
 * Faults of the reader pass through; then nothing was learned.
 */
export async function watchHomes(input: {
  readonly crypto: Crypto;
  readonly reader: LogReader;
  readonly keys: LogVerifyKeys;
  readonly before: HomesWatched | undefined;
  readonly homes: readonly HomeToWatch[];
  readonly told: (verified: number) => void;
}): Promise<HomesLook> {
  const { crypto, reader, keys, homes, told } = input;
  const known = input.before && parseAuditState(crypto, input.before.audit, keys.identity);
  const before = known === undefined ? undefined : input.before;
  const knows = ({ dwellingTag }: HomeToWatch) =>
    before?.homes.some((home) => home.dwellingTag === dwellingTag);
  const isNew = !homes.every(knows);
  const state = known ?? auditNew(keys.identity.origin);

  const watches = homes.map(({ dwellingTag, homeKey }) => {
    const earlier = before?.homes.find((home) => home.dwellingTag === dwellingTag);
    const key = earlier?.homeKey ?? homeKey;
    return { dwellingTag, homeKey: key, earlier, watch: watchHome(crypto, fromHex(key)) };
  });
  const registrations: { readonly tag: string; readonly found: FoundEntry }[] = [];
  const issuing = new Map<number, string>();
  const audited = await auditLog(
    crypto,
    reader,
    keys.identity,
    keys.policy,
    isNew ? { ...state, edge: EMPTY_EDGE } : state,
    told,
    (index, entry) => {
      const parsed = parseLeaf(entry);
      if (!parsed.parsed || parsed.leaf.tag === undefined) return;
      const { leaf } = parsed;
      for (const { watch } of watches) watch.see(index, leaf);
      if (leaf.topic === "credential-of-dwelling") issuing.set(index, toHex(entry));
      if (leaf.topic === "dwelling-registered") {
        registrations.push({ tag: toHex(parsed.leaf.tag), found: { index, entry: toHex(entry) } });
      }
    },
  );
  const findings = audited.findings.map(({ finding }) => finding);
  // What was seen on the way to a root that is not the signed one is nothing.
  const hasVerified = audited.verified > 0;
  const hasStopped = isNew && !hasVerified;
  const found = watches.map(({ dwellingTag, homeKey, earlier, watch }): FoundHome => {
    const old = isNew ? undefined : earlier;
    const seen = hasVerified
      ? watch.found().map(({ number, issuedAt, endedAt }) => ({
          number,
          issued: issuedAt.map((index) => ({ index, entry: issuing.get(index) ?? "" })),
          endedAt,
        }))
      : [];
    const own = registrations.filter(({ tag }) => hasVerified && tag === dwellingTag);
    return {
      dwellingTag,
      homeKey,
      numbers: merge(old?.numbers ?? [], seen),
      registrations: [...(old?.registrations ?? []), ...own.map((one) => one.found)],
    };
  });
  if (hasStopped && before !== undefined) return { watched: before, findings };
  const { edge } = audited.state;
  return {
    watched: { audit: formatAuditState(audited.state), size: edge.size, homes: hasStopped ? [] : found },
    findings,
  };
}

/** What was found earlier and now, by rising number. */
function merge(before: readonly FoundNumber[], now: readonly FoundNumber[]): readonly FoundNumber[] {
  const numbers = [...new Set([...before, ...now].map(({ number }) => number))].sort((a, b) => a - b);
  return numbers.map((number) => {
    const both = [...before, ...now].filter((one) => one.number === number);
    return {
      number,
      issued: both.flatMap(({ issued }) => issued),
      endedAt: both.flatMap(({ endedAt }) => endedAt),
    };
  });
}
