import { toHex } from "@menshen/crypto/node";
import {
  CustodyError,
  combinePartials,
  parseIdentityText,
  parsePartial,
  type StatedHolder,
} from "@menshen/custody";
import type {
  BodyOf,
  CustodianOpening,
  CustodianRefusal,
  custodianOpeningEndpoints,
  ResponseOf,
} from "@menshen/wire";
import type { SignedInCustodian } from "../../authority/signed-in-custodian.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { openStatements } from "../../evidence-record/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { KeyRing } from "../custody/index.ts";
import { type GoodAnswer, judgeOf } from "./answer-kinds.ts";
import { heldFormsOf, releaseHeld } from "./holds.service.ts";
import { selectHeld } from "./holds.store.ts";
import {
  concernedContext,
  encodeSealed,
  type OpenedResult,
  partialContext,
  resultContext,
} from "./opened-result.ts";
import {
  countAnswers,
  endOpening,
  lockOpening,
  markRefused,
  markUndecipherable,
  type OpeningCustodianRow,
  type OpeningRow,
  selectCustodians,
  selectDoorNames,
  selectEntries,
  selectHolder,
  selectOpening,
  selectPartials,
  selectRequested,
} from "./opening.store.ts";
import {
  commonView,
  factsOf,
  type OpeningFacts,
  type PublishedLog,
  standingOf,
  statementOf,
  stateOf,
} from "./opening-view.ts";
import { accessEntryIn, giveTurn, openableOf } from "./scope.ts";
import { selectVisited } from "./visited.store.ts";

/** What the server does by itself has no author. */
export const SYSTEM = { actor: undefined, reason: { code: "routine" } } as const;

type Answered = ResponseOf<typeof custodianOpeningEndpoints.answer>;

export type AnswersService = ReturnType<typeof makeAnswersService>;

/** Custodians' programs read logged requests and answer them; k answers for each entry end a request. */
export function makeAnswersService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly log: PublishedLog;
  readonly keyRing: KeyRing;
}) {
  const { db, clock, change, storageKey, log, keyRing } = dependencies;

  /**
   * A request that this custodian is asked about. One whose leaf is in no published checkpoint does not exist for
   * custodians: nothing can be answered before the commitment to it can be proven.
   */
  async function asked(custodian: SignedInCustodian, id: string): Promise<OpeningFacts> {
    const row = found(await selectOpening(db, id), "request");
    const [facts] = await factsOf(db, log, [row]);
    if (facts === undefined || !facts.logged || placesOf(custodian, facts).length === 0) {
      throw refusal("not-found", "no such request");
    }
    return facts;
  }

  function demandOpen(row: OpeningRow): void {
    if (stateOf(row) !== "requested") throw refusal("conflict", "this request has ended");
    if (clock.now() >= row.deadline) throw refusal("conflict", "the deadline of this request has passed");
  }

  async function answer(
    custodian: SignedInCustodian,
    id: string,
    { partials }: BodyOf<typeof custodianOpeningEndpoints.answer>,
  ): Promise<Answered> {
    const facts = await asked(custodian, id);
    demandOpen(facts.row);
    const { judge, given } = await judgeOf({ db, keyRing, storageKey, row: facts.row, custodian });
    const good: GoodAnswer[] = [];
    const rejected: Answered["rejected"] = [];
    for (const [position, encoded] of partials.entries()) {
      const judged = await judge(encoded);
      if ("fault" in judged) rejected.push({ position, fault: judged.fault });
      else {
        good.push(judged);
        given.add(judged.name);
      }
      await giveTurn();
    }
    // Who is asked again because entries came later may send what it gave before: that is no bad answer.
    const wrong = rejected.filter(({ fault }) => fault !== "twice");
    await change(SYSTEM, async ({ trx }) => {
      demandOpen(found(await lockOpening(trx, id), "request"));
      const places = placesOf(custodian, facts);
      for (const [i, place] of places.entries()) {
        let answered = 0;
        for (const one of good.filter(({ setVersion }) => setVersion === place.set_version)) {
          if (await one.store(trx)) answered += 1;
        }
        // An answer that counts for nothing belongs to no set: it is noted at the custodian's latest place.
        await countAnswers(trx, place, {
          answered,
          rejected: i === places.length - 1 ? wrong.length : 0,
          again: place.asked_again_at !== null,
        });
      }
      if (facts.row.held_by !== null) {
        await releaseHeld(trx, storageKey, id, (await heldFormsOf(trx, keyRing, facts.row)).values());
      }
    });
    const state = await complete(id);
    return { counted: good.length, rejected, state };
  }

  /** Opens what can be opened once every entry has its k answers, and ends the request. */
  async function complete(id: string): Promise<Answered["state"]> {
    const row = found(await selectOpening(db, id), "request");
    if (stateOf(row) !== "requested") return stateOf(row);
    if (row.hold_until !== null) return completeHold(row);
    const entries = await selectEntries(db, id);
    const openable = await openableOf(db, keyRing, entries);
    const stored = await selectPartials(db, id);
    const opened: OpenedResult["entries"][number][] = [];
    const undecipherable: number[] = [];
    const concerned = new Map<string, number>();
    for (const { scoped, sealed, epoch } of openable) {
      const { position } = scoped;
      const partials = stored
        .filter((one) => one.position === position)
        .map((one) => storageKey.open(one.sealed, partialContext(id, position, one.custodian)))
        .slice(0, epoch.key.threshold.k);
      if (partials.length < epoch.key.threshold.k) return "requested";
      const result = combinePartials({ key: epoch.key, entry: sealed, partials: partials.map(parsePartial) });
      const identity = result.opened ? identityIn(result.plaintext) : undefined;
      if (!result.opened || identity === undefined) undecipherable.push(position);
      else {
        const at = accessEntryIn(scoped.entry)?.earliest ?? 0;
        const holder = await selectHolder(db, identity.credentialKey, at);
        if (holder !== undefined) concerned.set(holder.personId, (concerned.get(holder.personId) ?? 0) + 1);
        opened.push({
          position,
          partials: partials.map(toHex),
          text: toHex(result.plaintext),
          ...optional(
            "holder",
            holder === undefined ? await selectVisited(db, identity.credentialKey) : statedOf(holder),
          ),
        });
      }
      await giveTurn();
    }
    return change(SYSTEM, async (scope) => {
      const { trx, at, leaf } = scope;
      const locked = found(await lockOpening(trx, id), "request");
      if (stateOf(locked) !== "requested") return stateOf(locked);
      // Entries that came later were taken in meanwhile: they wait for their answers.
      if ((await selectEntries(trx, id)).length > entries.length) return "requested";
      await markUndecipherable(trx, id, undecipherable);
      const told = [...concerned].map(([personId, count]) => ({ personId, count }));
      await endOpening(trx, id, {
        state: "answered",
        at,
        openedCount: opened.length,
        result: storageKey.seal(encodeSealed({ entries: opened }), resultContext(id)),
        concerned: storageKey.seal(encodeSealed(told), concernedContext(id)),
      });
      await leaf({
        topic: "opening-answered",
        subject: { kind: "community" },
        statement: { path: locked.path, entriesOpened: opened.length },
        public: true,
      });
      return "answered";
    });
  }

  /**
   * Ends a hold's request once all custodians have answered or refused, or `atOnce`, if each entry has its k sealed answers.
   * All are waited for, because a bad answer shows only when it is opened.
   */
  async function completeHold({ id }: OpeningRow, atOnce = false): Promise<Answered["state"]> {
    const openable = await openableOf(db, keyRing, await selectEntries(db, id));
    return change(SYSTEM, async ({ trx, at, leaf }) => {
      const row = found(await lockOpening(trx, id), "request");
      if (stateOf(row) !== "requested" || row.hold_until === null) return stateOf(row);
      const held = await selectHeld(trx, id);
      const waiting = (await selectCustodians(trx, [id])).some(
        (one) =>
          one.refused === null &&
          one.answered_count < openable.filter(({ epoch }) => epoch.set.version === one.set_version).length,
      );
      const enough = openable.every(
        ({ scoped, epoch }) =>
          held.filter(({ position }) => position === scoped.position).length >= epoch.key.threshold.k,
      );
      if (!enough || (waiting && !atOnce)) return "requested";
      await endOpening(trx, id, { state: "answered", at, openedCount: 0 });
      await leaf({
        topic: "hold-placed",
        subject: { kind: "community" },
        statement: { entries: openable.length, holdUntil: row.hold_until },
        public: true,
      });
      return "answered";
    });
  }

  async function end(scope: ChangeScope, row: OpeningRow, custodians: readonly OpeningCustodianRow[]) {
    await endOpening(scope.trx, row.id, { state: "refused", at: scope.at, openedCount: 0 });
    const refusing = custodians.flatMap(({ body, refused }) =>
      refused === null ? [] : [{ body, reason: refused }],
    );
    await scope.leaf({
      topic: "opening-refused",
      subject: { kind: "community" },
      statement: { stage: "custodians", path: row.path, custodians: refusing },
      public: true,
    });
  }

  return {
    answer,
    complete,
    completeHold,

    /** Ends logged requests in whose scope nothing can be opened: there is nobody to wait for. */
    async completeEmpty(): Promise<void> {
      for (const { row, logged } of await factsOf(db, log, await selectRequested(db))) {
        if (!logged || clock.now() >= row.deadline) continue;
        const openable = await openableOf(db, keyRing, await selectEntries(db, row.id));
        if (openable.length === 0) await complete(row.id);
      }
    },

    /** Logged requests that wait for answers, the most urgent first. */
    async list(custodian: SignedInCustodian) {
      const facts = await factsOf(db, log, await selectRequested(db));
      return facts
        .filter((one) => one.logged && placesOf(custodian, one).length > 0)
        .map((one) => ({ ...commonView(one), custodians: one.custodians.map(standingOf) }));
    },

    /** Throws `not-found` too for a request whose leaf is in no published checkpoint. */
    async read(custodian: SignedInCustodian, id: string): Promise<CustodianOpening> {
      const facts = await asked(custodian, id);
      const { row } = facts;
      const [opened] = await openStatements(db, storageKey, [row.leaf_id]);
      const proof = opened?.index === undefined ? undefined : await log.proofOf(opened.index);
      if (opened?.salt === undefined || proof === undefined) throw refusal("not-found", "no such request");
      const scoped = (await selectEntries(db, id)).filter(({ ceremony }) => ceremony !== undefined);
      const entries = row.held_by === null ? scoped : [];
      const forms = [...(await heldFormsOf(db, keyRing, row)).values()];
      return {
        ...commonView(facts),
        statement: opened.statement,
        salt: toHex(opened.salt),
        proof,
        doorNames: [...(await selectDoorNames(db, statementOf(row).accessPointIds))],
        entries: entries.map(({ gateId, entry }) => ({ gateId, entry: toHex(entry) })),
        ...(row.held_by === null ? {} : { held: forms.map(({ answer: { held } }) => toHex(held)) }),
        custodians: facts.custodians.map(standingOf),
      };
    },

    /** Once too few are left to open anything, the request is refused. */
    async refuse(custodian: SignedInCustodian, id: string, reason: CustodianRefusal): Promise<void> {
      const facts = await asked(custodian, id);
      demandOpen(facts.row);
      const openable = await openableOf(db, keyRing, await selectEntries(db, id));
      await change(SYSTEM, async (scope) => {
        const row = found(await lockOpening(scope.trx, id), "request");
        demandOpen(row);
        for (const place of placesOf(custodian, facts)) await markRefused(scope.trx, place, reason);
        const custodians = await selectCustodians(scope.trx, [id]);
        const hopeless = openable.some(({ epoch: { key, set } }) => {
          const left = custodians.filter(
            (one) => one.set_version === set.version && (one.refused === null || one.answered_count > 0),
          );
          return left.length < key.threshold.k;
        });
        if (hopeless) await end(scope, row, custodians);
      });
      // The last whom a hold waited for may be one who refuses.
      if (facts.row.hold_until !== null) await completeHold(facts.row);
    },
  };
}

function placesOf(
  custodian: SignedInCustodian,
  { custodians }: OpeningFacts,
): readonly OpeningCustodianRow[] {
  return custodians.filter((row) =>
    custodian.seats.some(({ version, index }) => version === row.set_version && index === row.custodian),
  );
}

/** As it stands in what is handed over: without the person's id. */
function statedOf({ name, dwelling }: StatedHolder): StatedHolder {
  return { name, ...optional("dwelling", dwelling) };
}

function identityIn(text: Uint8Array) {
  try {
    return parseIdentityText(text);
  } catch (error) {
    if (error instanceof CustodyError) return undefined;
    throw error;
  }
}
