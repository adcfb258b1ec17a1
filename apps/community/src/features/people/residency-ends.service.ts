import { randomUUID } from "node:crypto";
import { RESIDENCY_END_DAYS } from "@menshen/domain";
import {
  type BodyOf,
  type NamedResidencyEnd,
  type ownResidencyEndpoints,
  type Residency,
  type ResidencyEnd,
  type residencyEndEndpoints,
  residencyEndTexts,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Trx } from "../../database/database.ts";
import { found, lockRecord, optional, unlessTaken } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { PersonKeys } from "../../keys/person-keys.ts";
import { blockForMoveOut, hasResidency } from "../credentials/index.ts";
import { demandSignatureOnce, type ResidentSessionsService, selectAccountState } from "../resident/index.ts";
import { localDays } from "../trail/index.ts";
import { selectResidencies, selectResidency, updateResidency } from "./people.store.ts";
import { removeWithin } from "./person-removal.ts";
import {
  type EndFields,
  insertEnd,
  lockEnd,
  SETTLED_STATES,
  type StoredEnd,
  selectDueEnds,
  selectEnd,
  selectEnds,
  selectEndsOf,
  selectOpenEnd,
  selectTermsNear,
  updateEnd,
} from "./residency-ends.store.ts";

const SYSTEM = { actor: undefined, reason: { code: "routine" } } as const;
const ASKED_ONESELF = { actor: undefined, reason: { code: "resident-request" } } as const;

/** Before an end that was set: the 14 days, and two for whoever was not in. */
const TERM_ASKED_MS = (RESIDENCY_END_DAYS + 2) * 86_400_000;

type Answer = BodyOf<typeof residencyEndEndpoints.answer>;
type OwnAnswer = BodyOf<typeof ownResidencyEndpoints.answer>;
type Leaving = BodyOf<typeof ownResidencyEndpoints.leave>;

export type ResidencyEndsService = ReturnType<typeof makeResidencyEndsService>;

/**
 * How somebody stops living here. They are asked first and have 14 days; an objection keeps their access until somebody
 * else decides with a reason; then access ends, and the deletion of whoever has no home here any more begins.
 */
export function makeResidencyEndsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly personKeys: PersonKeys;
  readonly sessions: Pick<ResidentSessionsService, "takeChallenge">;
  readonly timeZone: () => Promise<string>;
  readonly communityId: string;
}) {
  const { db, clock, change, personKeys, sessions, timeZone, communityId } = dependencies;

  /** The end of the local day that lies so many days after that of `at`. */
  async function endOfDay(at: number, days: number): Promise<number> {
    return localDays(await timeZone(), at, days + 1).at(-1)?.[1] ?? at;
  }

  async function locked(trx: Trx, id: string, personId?: string): Promise<StoredEnd> {
    const end = await lockEnd(trx, id);
    const isAnothers = personId !== undefined && end?.personId !== personId;
    return found(isAnothers ? undefined : end, "end of a residency");
  }

  /** A present home of somebody; throws `not-found`, and `conflict` where nobody lives now. */
  async function home(trx: Trx, id: string, personId?: string): Promise<Residency> {
    await lockRecord(trx, "residency", id);
    const stored = await selectResidency(trx, id, clock.now());
    const isAnothers = personId !== undefined && stored?.personId !== personId;
    const residency = found(isAnothers ? undefined : stored, "residency");
    if (residency.role === "staff" || residency.removedAt !== undefined || residency.state !== "current") {
      throw refusal("conflict", "nobody lives there by this residency now");
    }
    return residency;
  }

  async function open(
    scope: ChangeScope,
    residency: Residency,
    end: Omit<Parameters<typeof insertEnd>[1], "id" | "residencyId" | "askedAt">,
  ): Promise<string> {
    const id = randomUUID();
    const { trx, at } = scope;
    await unlessTaken(
      insertEnd(trx, { id, residencyId: residency.id, askedAt: at, ...end }),
      "this was asked already: answer or withdraw that first",
    );
    await tell(scope, residency.personId, "residency-end-asked", id, { askedBy: end.askedBy });
    await scope.record({
      action: "residency.end-asked",
      entity: "residency",
      entityId: residency.id,
      after: { askedBy: end.askedBy },
    });
    return id;
  }

  /** A leaf that the person can find in the log. Words stay out of it. */
  async function tell(
    scope: ChangeScope,
    personId: string,
    topic: "residency-end-asked" | "residency-end-answered" | "residency-end-decided" | "residency-ended",
    endId: string,
    facts: { readonly [name: string]: string },
  ): Promise<void> {
    const statement = { personId, endId, ...facts };
    await scope.leaf({ topic, subject: { kind: "person", id: personId }, statement });
  }

  async function step(scope: ChangeScope, end: StoredEnd, fields: EndFields): Promise<StoredEnd> {
    await updateEnd(scope.trx, end.id, fields);
    await scope.record({
      action: `residency.end-${fields.state}`,
      entity: "residency",
      entityId: end.residencyId,
      before: { state: end.state },
      after: { state: fields.state },
    });
    return found(await selectEnd(scope.trx, end.id), "end of a residency");
  }

  /** Gates hear when access ends, or that it does not. */
  async function setUntil(scope: ChangeScope, residencyId: string, until: number | undefined): Promise<void> {
    const { role, dwellingId, from } = found(
      await selectResidency(scope.trx, residencyId, scope.at),
      "residency",
    );
    await updateResidency(scope.trx, residencyId, { role, dwellingId, from, until });
    await scope.touch("persons");
  }

  async function settle(
    scope: ChangeScope,
    end: StoredEnd,
    fields: EndFields & { readonly endsAt: number },
  ): Promise<StoredEnd> {
    const { until } = found(await selectResidency(scope.trx, end.residencyId, scope.at), "residency");
    const settled = await step(scope, end, { ...fields, ...optional("untilBefore", until) });
    await setUntil(scope, end.residencyId, Math.min(until ?? fields.endsAt, fields.endsAt));
    return settled;
  }

  async function answer(scope: ChangeScope, end: StoredEnd, input: Answer): Promise<StoredEnd> {
    const { at } = scope;
    const mayAgree = end.state === "asked" || end.state === "objected";
    if (!(input.answer === "agree" ? mayAgree : end.state === "asked")) {
      throw refusal("conflict", "there is nothing to answer here any more");
    }
    if (end.state === "asked" && end.graceUntil !== undefined && at >= end.graceUntil) {
      throw refusal("conflict", `the ${RESIDENCY_END_DAYS} days to answer are over`);
    }
    await tell(scope, end.personId, "residency-end-answered", end.id, { answer: input.answer });
    if (input.answer === "object") {
      const { objection } = input;
      // Whatever end was set: access goes on until somebody decides.
      if (end.askedBy === "term") await setUntil(scope, end.residencyId, undefined);
      return step(scope, end, {
        state: "objected",
        answeredAt: at,
        objection: personKeys.sealText(end.personId, objection.trim()),
      });
    }
    const grace = end.graceUntil ?? (await endOfDay(at, RESIDENCY_END_DAYS));
    const endsAt = Math.max(grace, await endOfDay(at, 0));
    return settle(scope, end, { state: "agreed", answeredAt: at, endsAt });
  }

  /** The desk set a later end since, or none. */
  async function wasProlonged(trx: Trx, end: StoredEnd, endsAt: number): Promise<boolean> {
    const { until } = found(await selectResidency(trx, end.residencyId, endsAt), "residency");
    return until === undefined || until > endsAt;
  }

  /**
   * An end that was set beforehand is asked about like any other, in time for the 14 days; who has no account keeps access
   * until the letter was handed over. Nobody's access ends unasked.
   */
  async function askBeforeTerm(residencyId: string): Promise<void> {
    await change(SYSTEM, async (scope) => {
      const { trx, at } = scope;
      const residency = await home(trx, residencyId);
      const { until } = residency;
      if (until === undefined || (await selectOpenEnd(trx, residencyId)) !== undefined) return;
      const account = await selectAccountState(trx, residency.personId, at);
      const graceUntil = Math.max(until, await endOfDay(at, RESIDENCY_END_DAYS));
      const isTold = account.registeredAt !== undefined;
      const told = isTold ? { toldAt: at, toldBy: "app" as const, graceUntil } : {};
      await open(scope, residency, { state: "asked", askedBy: "term", untilBefore: until, ...told });
      await setUntil(scope, residencyId, isTold ? graceUntil : undefined);
    });
  }

  /** Access ends; whoever has no home here any more is removed, and erased once that can no more be undone. */
  async function finish(id: string): Promise<void> {
    await change(SYSTEM, async (scope) => {
      const { trx, at } = scope;
      let end = await locked(trx, id);
      if (end.state === "asked" && end.graceUntil !== undefined && end.graceUntil <= at) {
        end = await settle(scope, end, { state: "lapsed", endsAt: end.graceUntil });
      }
      const { endsAt } = end;
      if (!SETTLED_STATES.some((state) => state === end.state) || endsAt === undefined || endsAt > at) return;
      if (end.askedBy === "term" && (await wasProlonged(trx, end, endsAt))) {
        await step(scope, end, { state: "withdrawn" });
        return;
      }
      await step(scope, end, { state: "ended" });
      await tell(scope, end.personId, "residency-ended", end.id, { after: end.state });
      const residency = found(await selectResidency(trx, end.residencyId, at), "residency");
      await blockForMoveOut(scope, end.personId, residency.dwellingId);
      const { items } = await selectResidencies(trx, { personId: end.personId, state: "future" }, at);
      if (items.length === 0 && !(await hasResidency(trx, end.personId, at))) {
        await removeWithin(scope, end.personId);
      }
    });
  }

  return {
    /** Those who read homes see names; who decides sees what it is about. */
    async list(actor: Actor, past: boolean): Promise<readonly NamedResidencyEnd[]> {
      if (!actor.permissions.has("residencies.decide")) authorise(actor, "homes.read");
      const ends = await selectEnds(db, past);
      const mine = actor.permissions.has("homes.read")
        ? ends
        : ends.filter((end) => end.answeredAt !== undefined);
      return mine.map((end) => viewFor(actor, end));
    },

    /** Throws `conflict` if that is asked already, or nobody lives there by this residency. */
    async ask(
      author: StaffAuthor,
      residencyId: string,
      input: BodyOf<typeof residencyEndEndpoints.ask>,
    ): Promise<NamedResidencyEnd> {
      authorise(author.actor, "homes.write");
      return change(author, async (scope) => {
        const { trx, at } = scope;
        const residency = await home(trx, residencyId);
        const account = await selectAccountState(trx, residency.personId, at);
        const told =
          account.registeredAt === undefined
            ? {}
            : { toldAt: at, toldBy: "app" as const, graceUntil: await endOfDay(at, RESIDENCY_END_DAYS) };
        const id = await open(scope, residency, {
          state: "asked",
          askedBy: input.askedBy,
          askedStaffId: author.actor.staffId,
          ground: personKeys.sealText(residency.personId, input.ground.trim()),
          ...told,
        });
        return viewFor(author.actor, await locked(trx, id));
      });
    },

    /** A letter was handed over to somebody without an account. Throws `conflict` if they were told before. */
    async told(author: StaffAuthor, id: string): Promise<NamedResidencyEnd> {
      authorise(author.actor, "homes.write");
      return change(author, async (scope) => {
        const end = await locked(scope.trx, id);
        if (end.state !== "asked" || end.toldAt !== undefined) {
          throw refusal("conflict", "they were told already");
        }
        const { at } = scope;
        const graceUntil = Math.max(end.untilBefore ?? 0, await endOfDay(at, RESIDENCY_END_DAYS));
        if (end.askedBy === "term") await setUntil(scope, end.residencyId, graceUntil);
        const told = await step(scope, end, { state: "asked", toldAt: at, toldBy: "letter", graceUntil });
        return viewFor(author.actor, told);
      });
    },

    /** Throws `conflict` for whoever has an account: they answer there. */
    async answerAtDesk(author: StaffAuthor, id: string, input: Answer): Promise<NamedResidencyEnd> {
      authorise(author.actor, "homes.write");
      return change(author, async (scope) => {
        const end = await locked(scope.trx, id);
        const account = await selectAccountState(scope.trx, end.personId, scope.at);
        if (account.registeredAt !== undefined && input.answer === "agree") {
          throw refusal("conflict", "they have an account of their own, and agree there");
        }
        return viewFor(author.actor, await answer(scope, end, input));
      });
    },

    async withdraw(author: StaffAuthor, id: string): Promise<NamedResidencyEnd> {
      authorise(author.actor, "homes.write");
      return change(author, async (scope) => {
        const end = await locked(scope.trx, id);
        if (end.state !== "asked" && end.state !== "objected") {
          throw refusal("conflict", "there is nothing to withdraw");
        }
        if (end.askedBy === "term") {
          throw refusal("conflict", "an end was set for this stay: set a later one there, or none");
        }
        return viewFor(author.actor, await step(scope, end, { state: "withdrawn" }));
      });
    },

    /** Throws `second-person-needed` for whoever asked, `conflict` where nobody objects. */
    async decide(
      author: StaffAuthor,
      id: string,
      input: BodyOf<typeof residencyEndEndpoints.decide>,
    ): Promise<NamedResidencyEnd> {
      const { actor } = author;
      authorise(actor, "residencies.decide");
      return change(author, async (scope) => {
        const { trx, at } = scope;
        const end = await locked(trx, id);
        if (end.state !== "objected") throw refusal("conflict", "nobody objects here");
        if (end.askedStaffId === actor.staffId) {
          throw refusal(
            "second-person-needed",
            "whoever asked for the end does not decide over the objection",
          );
        }
        await tell(scope, end.personId, "residency-end-decided", end.id, { outcome: input.outcome });
        const decision = {
          decidedAt: at,
          decidedStaffId: actor.staffId,
          decisionReason: personKeys.sealText(end.personId, input.reason.trim()),
        };
        if (input.outcome === "stays")
          return viewFor(actor, await step(scope, end, { state: "stays", ...decision }));
        // Never before the days that they were promised, and never on the day of the decision.
        const endsAt = Math.max(end.graceUntil ?? at, await endOfDay(at, 1));
        return viewFor(actor, await settle(scope, end, { state: "ends", endsAt, ...decision }));
      });
    },

    /** Where somebody lives or works, with the latest that was asked about each. */
    async ofResident({ personId }: SignedInResident) {
      const at = clock.now();
      const { items } = await selectResidencies(db, { personId }, at);
      const ends = await selectEndsOf(db, personId);
      return items.map(({ id, role, buildingName, dwellingName, until }) => {
        const end = ends.find(({ residencyId }) => residencyId === id);
        return {
          id,
          role,
          ...optional("home", dwellingName === undefined ? undefined : `${buildingName} ${dwellingName}`),
          ...optional("until", until),
          ...optional("end", end === undefined ? undefined : withoutNames(end)),
        };
      });
    },

    /**
     * Throws `not-found` for a home that is not one's own, `key-refused` unless one's own key signed for a challenge that was
     * not used yet, `conflict` if its end is asked already.
     */
    async leave(
      { personId }: SignedInResident,
      residencyId: string,
      { inDays, ...signed }: Leaving,
    ): Promise<ResidencyEnd> {
      return change(ASKED_ONESELF, async (scope) => {
        const { trx, at } = scope;
        const residency = await home(trx, residencyId, personId);
        const text = residencyEndTexts.leave(communityId, residencyId, inDays, signed.challenge);
        await demandSignatureOnce(trx, sessions, personId, text, signed);
        const id = await open(scope, residency, { state: "asked", askedBy: "resident" });
        const endsAt = await endOfDay(at, inDays);
        return withoutNames(
          await settle(scope, await locked(trx, id), { state: "agreed", answeredAt: at, endsAt }),
        );
      });
    },

    /** To agree throws `key-refused` as leaving does; an objection takes no signature. */
    async answer({ personId }: SignedInResident, id: string, input: OwnAnswer): Promise<ResidencyEnd> {
      return change(ASKED_ONESELF, async (scope) => {
        const { trx } = scope;
        const end = await locked(trx, id, personId);
        if (input.answer === "agree") {
          const text = residencyEndTexts.agree(communityId, id, input.challenge);
          await demandSignatureOnce(trx, sessions, personId, text, input);
        }
        return withoutNames(await answer(scope, end, input));
      });
    },

    /** Throws `conflict` unless they agreed, or asked themselves, and it has not happened yet. */
    async stay({ personId }: SignedInResident, id: string): Promise<ResidencyEnd> {
      return change(ASKED_ONESELF, async (scope) => {
        const end = await locked(scope.trx, id, personId);
        const isOver = end.endsAt !== undefined && end.endsAt <= scope.at;
        if (end.state !== "agreed" || isOver) throw refusal("conflict", "there is nothing to take back");
        const inGrace = end.askedBy !== "resident";
        await tell(scope, personId, "residency-end-answered", end.id, { answer: "taken-back" });
        await setUntil(scope, end.residencyId, end.untilBefore);
        return withoutNames(await step(scope, end, { state: inGrace ? "asked" : "withdrawn" }));
      });
    },

    /** Asks about ends that were set and are near; ends what is due. */
    async finishDue(): Promise<void> {
      for (const id of await selectTermsNear(db, clock.now(), clock.now() + TERM_ASKED_MS)) {
        await askBeforeTerm(id);
      }
      for (const id of await selectDueEnds(db, clock.now())) await finish(id);
    },
  };
}

function withoutNames({
  personName: _,
  askedStaffId: __,
  untilBefore: ___,
  ...end
}: StoredEnd): ResidencyEnd {
  return end;
}

function viewFor(actor: Actor, end: StoredEnd): NamedResidencyEnd {
  return actor.permissions.has("homes.read")
    ? { ...withoutNames(end), personName: end.personName }
    : withoutNames(end);
}
