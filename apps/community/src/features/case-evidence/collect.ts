import { p256Verify } from "@menshen/crypto/node";
import type { CaseRecord, EvidenceContent, EvidenceGate, SignedBatch } from "@menshen/custody";
import { batchToBeSigned } from "@menshen/custody";
import { type GateState, RULE_TEXTS } from "@menshen/detection";
import { GateId } from "@menshen/domain";
import { accessEntrySigningInput, journalBatch, WireError } from "@menshen/wire";
import type { Reader } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { readStoredEntry } from "../../gate-link/index.ts";
import {
  type CaseRow,
  type HeldEntry,
  halvesOf,
  type StoredTap,
  selectHeldEntries,
  selectNotes,
  selectSettings,
  selectTaps,
  tapName,
} from "../detection/index.ts";
import type { Directory } from "../directory/index.ts";
import {
  selectBatch,
  selectCertificates,
  selectEntry,
  selectGateEntries,
  selectSoftware,
} from "./case-evidence.store.ts";

const DAY_MS = 86_400_000;
/** Of a card at most. */
const MOST_TAPS = 400;
/** Of the taps around the signs. */
const MOST_EVENTS = 120;
/**
 * Other people's entries that a stretch of the journal may bring along, still sealed: gates that are online send entries one by
 * one. From a longer one, of a gate that was offline, the event stands alone with its own signature and number.
 */
const MOST_IN_BATCH = 8;

export interface CollectSources {
  readonly db: Reader;
  readonly directory: Directory;
  readonly clocks: readonly GateState[];
}

/** What is said of the making. */
export type MakingFacts = Pick<
  CaseRecord,
  "packageId" | "communityId" | "communityName" | "timeZone" | "madeAt" | "madeBy" | "reason"
>;

/**
 * The evidence of a case: the card's taps around what the rules saw, each as its gate signed it, the stretches of journals around
 * the conflict, and what the community says of it. Nobody is named but members of staff. Of a case under a hold the
 * hold's copies serve once the epoch's entries are gone. Throws `conflict` if the case's records went with their epoch, or nothing
 * of it was signed.
 */
export async function collectEvidence(
  sources: CollectSources,
  row: CaseRow,
  making: MakingFacts,
): Promise<EvidenceContent> {
  const { db, directory } = sources;
  if (row.credential === null || row.forgotten_at !== null) {
    throw refusal("conflict", "the records of this case were deleted with their epoch");
  }
  const held = await selectHeldEntries(db, row.hold_id);
  const taps = await selectTaps(db, row, MOST_TAPS);
  const named = new Set(
    row.signs.flatMap(({ gate, sequence }) =>
      sequence === undefined ? [] : [tapName({ gateId: gate, sequence })],
    ),
  );
  const halves = halvesOf(taps, named);
  const chosen = chooseTaps(taps, row.signs, named);
  const certificates = await selectCertificates(db, [...new Set(chosen.map(({ gateId }) => gateId))]);
  const batches: SignedBatch[] = [];
  const placed = new Map<string, number>();
  const events: { readonly stated: CaseRecord["events"][number]; readonly entry: Uint8Array }[] = [];
  for (const tap of chosen) {
    const { gateId, sequence } = tap;
    const stored =
      (await selectEntry(db, gateId, sequence)) ?? held.find((one) => tapName(one) === tapName(tap));
    const deviceKey = certificates.get(gateId)?.device_key;
    if (stored === undefined || deviceKey === undefined || !isSigned(stored.entry, deviceKey)) continue;
    const half = halves.get(tap);
    const place =
      placed.get(tapName(tap)) ??
      (isNear(tap, chosen, named)
        ? await placeBatch(db, { tap, held }, deviceKey, batches, placed)
        : undefined);
    events.push({
      entry: Uint8Array.from(stored.entry),
      stated: {
        gateId,
        sequence,
        receivedAt: stored.receivedAt,
        ...optional("half", half),
        ...optional("batch", place),
      },
    });
  }
  if (events.length === 0) throw refusal("conflict", "no tap of this case carries a gate's signature");
  const gateIds = [...new Set(events.map(({ stated }) => stated.gateId))].toSorted();
  return {
    events: events.map(({ entry }) => entry),
    batches,
    record: {
      ...making,
      case: caseOf(row),
      signs: signsOf(row, new Set(events.map(({ stated }) => tapName(stated)))),
      events: events.map(({ stated }) => stated),
      doors: doorsOf(row, events, directory),
      gates: await gatesOf(sources, gateIds, chosen),
      tuned: Object.fromEntries(
        Object.entries((await selectSettings(db)).tuned).map(([name, value]) => [name, String(value)]),
      ),
      custody: await custodyOf(db, row.id, making),
    },
  };
}

/** Oldest first: those of a day before the first sign to a day after the last, and always those that a sign names. */
function chooseTaps(
  taps: readonly StoredTap[],
  signs: CaseRow["signs"],
  named: ReadonlySet<string>,
): readonly StoredTap[] {
  const inOrder = taps.toSorted((one, other) => one.at - other.at || one.sequence - other.sequence);
  const times = signs.map(({ at }) => at);
  const [from, until] = [Math.min(...times) - DAY_MS, Math.max(...times) + DAY_MS];
  const wanted = inOrder.filter((tap, index) => {
    const isBeside = [inOrder[index - 1], inOrder[index + 1]].some(
      (other) => other !== undefined && named.has(tapName(other)),
    );
    return named.has(tapName(tap)) || isBeside || (tap.at >= from && tap.at <= until);
  });
  if (wanted.length <= MOST_EVENTS) return wanted;
  const near = wanted.filter((tap) => isNear(tap, wanted, named));
  const others = wanted.filter((tap) => !near.includes(tap)).slice(-Math.max(0, MOST_EVENTS - near.length));
  return wanted.filter((tap) => near.includes(tap) || others.includes(tap));
}

/** Whether a sign names the tap, or the card's next one. */
function isNear(tap: StoredTap, inOrder: readonly StoredTap[], named: ReadonlySet<string>): boolean {
  const next = inOrder[inOrder.indexOf(tap) + 1];
  return named.has(tapName(tap)) || (next !== undefined && named.has(tapName(next)));
}

function isSigned(entry: Uint8Array, deviceKey: Uint8Array): boolean {
  try {
    const signing = accessEntrySigningInput(entry);
    return signing !== undefined && p256Verify(deviceKey, signing.signed, signing.signature);
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

/** Adds the batch in which an entry came, if it is short and its signature holds; answers its place, from 1. */
async function placeBatch(
  db: Reader,
  { tap, held }: { readonly tap: StoredTap; readonly held: readonly HeldEntry[] },
  deviceKey: Uint8Array,
  batches: SignedBatch[],
  placed: Map<string, number>,
): Promise<number | undefined> {
  const found = await selectBatch(db, tap.gateId, tap.sequence, MOST_IN_BATCH);
  if (found === undefined) return undefined;
  const bySequence = new Map(found.entries.map(({ sequence, entry }) => [sequence, entry]));
  for (const one of held) {
    const isIn = one.gateId === tap.gateId && found.first_sequence <= one.sequence;
    if (isIn && one.sequence <= found.last_sequence && !bySequence.has(one.sequence))
      bySequence.set(one.sequence, one.entry);
  }
  // What was deleted with its epoch leaves a hole that no signature spans: the event stands alone then.
  if (bySequence.size !== found.last_sequence - found.first_sequence + 1) return undefined;
  const entries = [...bySequence].toSorted(([one], [other]) => one - other).map(([, entry]) => entry);
  const payload = journalBatch.encode({
    version: 1,
    gateId: GateId(tap.gateId),
    firstSequence: found.first_sequence,
    previousHash: Uint8Array.from(found.previous_hash),
    entries: entries.map((entry) => Uint8Array.from(entry)),
  });
  const signature = Uint8Array.from(found.signature);
  if (!p256Verify(deviceKey, batchToBeSigned(payload), signature)) return undefined;
  batches.push({ payload, signature });
  for (let sequence = found.first_sequence; sequence <= found.last_sequence; sequence += 1) {
    placed.set(tapName({ gateId: tap.gateId, sequence }), batches.length);
  }
  return batches.length;
}

function caseOf(row: CaseRow): CaseRecord["case"] {
  return {
    id: row.id,
    kind: row.kind,
    epoch: row.epoch,
    openedAt: row.opened_at,
    reachedAt: row.reached_at,
    step: row.step,
    scoreHundredths: Math.round(row.score * 100),
    probabilityPpm: Math.round(row.probability * 1_000_000),
    ...optional("closedAt", row.closed_at),
    ...optional("finding", row.finding),
  };
}

function signsOf(row: CaseRow, shown: ReadonlySet<string>): CaseRecord["signs"] {
  return row.signs.map(({ rule, weight, at, gate, accessPoint, sequence, inputs }) => {
    const words = Object.entries(RULE_TEXTS).find(([name]) => name === rule)?.[1];
    const isShown = sequence !== undefined && shown.has(tapName({ gateId: gate, sequence }));
    return {
      rule,
      zh: words?.["zh-CN"] ?? rule,
      en: words?.en ?? rule,
      weightHundredths: Math.round(weight * 100),
      at,
      gateId: gate,
      accessPointId: accessPoint,
      ...(isShown ? { sequence } : {}),
      inputs: Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value) || "-"])),
    };
  });
}

function doorsOf(
  row: CaseRow,
  events: readonly { readonly entry: Uint8Array }[],
  directory: Directory,
): CaseRecord["doors"] {
  const ids = new Set(row.signs.map(({ accessPoint }) => accessPoint));
  for (const { entry } of events) {
    const read = readStoredEntry(entry);
    if (read?.kind === "access") ids.add(read.body.accessPointId);
  }
  return [...ids].toSorted().map((id) => {
    return { id, name: directory.accessPoints.get(id)?.name || id };
  });
}

async function gatesOf(
  { db, directory, clocks }: CollectSources,
  gateIds: readonly string[],
  taps: readonly StoredTap[],
): Promise<readonly EvidenceGate[]> {
  const times = taps.map(({ at }) => at);
  const span = { from: Math.min(...times) - DAY_MS, until: Math.max(...times) + DAY_MS };
  const entries = await selectGateEntries(db, gateIds, span);
  const software = await selectSoftware(db);
  return gateIds.map((id) => {
    const clock = clocks.find(({ gate }) => gate === id);
    return {
      id,
      name: directory.gates.get(id) || id,
      ...optional("software", software.get(id)),
      ...optional("offsetMs", rounded(clock?.offsetMs)),
      ...optional("errorMs", rounded(clock?.errorMs)),
      ...optional("jumps", clock?.jumps),
      ...optional("outOfOrder", clock?.outOfOrder),
      ...optional("duplicates", clock?.duplicates),
      clockEvents: entries
        .filter(({ gate_id }) => gate_id === id)
        .flatMap(({ entry }) => {
          const read = readStoredEntry(entry);
          if (read?.kind !== "gate" || !["clock-stepped", "started"].includes(read.body.event)) return [];
          const { event, stepMs } = read.body;
          return [{ at: read.earliest, event, ...optional("stepMs", stepMs) }];
        })
        .slice(0, 50),
    };
  });
}

function rounded(value: number | undefined): number | undefined {
  return value === undefined || !Number.isFinite(value) ? undefined : Math.round(value);
}

/** The case's history, the oldest first, and at its end the making of this package. */
async function custodyOf(db: Reader, caseId: string, making: MakingFacts): Promise<CaseRecord["custody"]> {
  const notes = await selectNotes(db, caseId);
  return [
    ...notes.toReversed().map(({ at, what, step, by, reason }) => ({
      at,
      what,
      ...optional("by", by || undefined),
      ...optional("step", step || undefined),
      ...optional("reason", reason || undefined),
    })),
    { at: making.madeAt, what: "package-made", by: making.madeBy, reason: making.reason },
  ];
}
