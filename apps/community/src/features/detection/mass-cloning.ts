import type { EvidenceEntry } from "@menshen/wire";
import type { Static } from "typebox";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import { type Database, moment, type Reader, type Trx } from "../../database/database.ts";
import { type IncidentsService, keepEvidence } from "../breach/index.ts";
import { lockCases, selectTaps, tapName } from "./cases.store.ts";

const DAY_MS = 86_400_000;
const WITHIN_MS = 30 * DAY_MS;
/** So many copies that people confirmed are no chance; or so many together with those that cards themselves prove. */
const CONFIRMED = 3;
const TOGETHER = 5;
const TAPS_READ = 200;
const MOST_ENTRIES = 1_000;
const BY_CLOCK = { actor: undefined, reason: { code: "routine" } } as const;

type Entry = Static<typeof EvidenceEntry>;
type Copy = Awaited<ReturnType<typeof selectCopies>>[number];

/**
 * Opens an incident where copies of many cards came to light within a month, and keeps the signed entries that show it; what
 * comes to light later belongs to the same incident. Nobody's name is in it: nobody here knows whose cards they are.
 */
export function makeMassCloningWatch(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly openIncident: IncidentsService["openIncident"];
}): () => Promise<void> {
  const { db, clock, change, openIncident } = dependencies;

  return async () => {
    const copies = await selectCopies(db, clock.now() - WITHIN_MS);
    const fresh = copies.filter(({ incident_id }) => incident_id === null);
    if (fresh.length === 0) return;
    const known = copies.find(({ incident_id }) => incident_id !== null)?.incident_id;
    if (known !== undefined && known !== null) {
      await change(BY_CLOCK, async ({ trx, record }) => {
        const belongs = await belongTo(trx, known, fresh);
        if (belongs === 0) return;
        await keepEvidence(trx, known, await entriesOf(trx, fresh));
        await record({
          action: "incident.evidence-added",
          entity: "incident",
          entityId: known,
          after: { cases: belongs },
        });
      });
      return;
    }
    const confirmed = cardsOf(copies.filter(({ finding }) => finding !== null));
    if (confirmed < CONFIRMED && (confirmed === 0 || cardsOf(copies) < TOGETHER)) return;
    await openIncident(
      {
        kind: "mass-cloning",
        // The lowest: whoever handles it says how grave it is.
        grade: "ordinary",
        targets: [],
        from: Math.min(...copies.map(({ opened_at }) => opened_at)),
        evidence: await entriesOf(db, fresh),
      },
      // In the same transaction, so that a kill leaves either no incident or all of it.
      async (trx, incidentId) => void (await belongTo(trx, incidentId, fresh)),
    );
  };
}

/** Copies by others: those that a person confirmed, and open ones that the cards themselves prove. */
function selectCopies(db: Database, since: number) {
  return db
    .selectFrom("detection_case")
    .select(["id", "credential", "opened_at", "finding", "signs", "incident_id"])
    .where("reached_at", ">=", moment(since))
    .where("explained_at", "is", null)
    .where("forgotten_at", "is", null)
    .where((eb) =>
      eb.or([eb("finding", "=", "copy"), eb.and([eb("finding", "is", null), eb("step", "=", "replace")])]),
    )
    .orderBy("opened_at")
    .orderBy("id")
    .execute();
}

function cardsOf(copies: readonly Copy[]): number {
  return new Set(copies.map(({ credential, id }) => (credential === null ? id : toText(credential)))).size;
}

const toText = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Answers how many did not belong to any before. */
async function belongTo(trx: Trx, incidentId: string, copies: readonly Copy[]): Promise<number> {
  const ids = copies.map(({ id }) => id);
  await lockCases(trx, ids);
  const { numUpdatedRows } = await trx
    .updateTable("detection_case")
    .set((eb) => ({ incident_id: incidentId, revision: eb("revision", "+", 1) }))
    .where("id", "in", ids)
    .where("incident_id", "is", null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** The taps that do not fit, each with the one before it: one is the owner's, one the copy's. */
async function entriesOf(db: Reader, copies: readonly Copy[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const { credential, signs } of copies) {
    const named = new Set(
      signs.flatMap(({ gate, sequence }) =>
        sequence === undefined ? [] : [tapName({ gateId: gate, sequence })],
      ),
    );
    const taps = await selectTaps(db, { credential }, TAPS_READ);
    const shown = taps.filter((tap, place) => {
      const later = taps[place - 1];
      return named.has(tapName(tap)) || (later !== undefined && named.has(tapName(later)));
    });
    entries.push(...shown.map(({ gateId, sequence }) => ({ gateId, sequence })));
  }
  return entries.slice(0, MOST_ENTRIES);
}
