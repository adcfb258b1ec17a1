import { randomUUID } from "node:crypto";
import type { CredentialKind } from "@menshen/domain";
import type { CommunityFacts, CommunitySettings, CommunityUpdate } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database, Trx } from "../../database/database.ts";
import { selectLocalDate } from "../../database/local-date.ts";
import { demandFresh, found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { insertCommunity, insertFirstArea, selectCommunity, updateCommunity } from "./community.store.ts";

/** What every resident gets on request and free of charge, unless the community says otherwise. */
const FIRST_OFFERS: CommunitySettings["offers"] = [
  { kind: "desfire", grade: "B" },
  // The second way in from the street, where a PIN alone opens nothing.
  { kind: "phone-pass", grade: "C" },
  { kind: "pin", grade: "D" },
];

/** How long cards that are mere numbers may go on, unless the community says otherwise: twelve months. */
const FIRST_LEGACY_MS = 365 * 86_400_000;

export type CommunityService = ReturnType<typeof makeCommunityService>;

/** The community itself: its name, its time zone, what it offers to residents. */
export function makeCommunityService(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
  /** Throws `motion-needed` where the owners vote and did not pass the day on which old cards end (`YYYY-MM-DD`). */
  readonly demandDeadline: (trx: Trx, day: string) => Promise<unknown>;
}) {
  const { db, change, demandDeadline } = dependencies;

  async function settings(): Promise<CommunitySettings> {
    return found(await selectCommunity(db), "community");
  }

  return {
    /** Makes the community at the first start, with the street and the grounds; later starts change nothing. */
    async ensure(first: { readonly name: string; readonly timeZone: string }): Promise<CommunitySettings> {
      const existing = await selectCommunity(db);
      if (existing !== undefined) return existing;
      return change(
        { actor: undefined, reason: { code: "installation" } },
        async ({ trx, at, touch, record }) => {
          const outside = { id: randomUUID(), name: "街道" };
          const grounds = { id: randomUUID(), name: "小区内" };
          await insertFirstArea(trx, outside);
          await insertFirstArea(trx, grounds);
          const made: CommunitySettings = {
            id: randomUUID(),
            revision: 1,
            name: first.name,
            timeZone: first.timeZone,
            outsideAreaId: outside.id,
            groundsAreaId: grounds.id,
            legacyUntil: at + FIRST_LEGACY_MS,
            offers: FIRST_OFFERS,
            gradeCaps: [],
          };
          await insertCommunity(trx, made);
          await touch("site");
          await record({
            action: "community.created",
            entity: "community",
            entityId: made.id,
            after: { name: made.name, timeZone: made.timeZone, offers: made.offers },
          });
          return made;
        },
      );
    },

    /** For the sign-in page too, hence without a question of permission: name and time zone are no secret. */
    async facts(): Promise<CommunityFacts> {
      const { id, name, timeZone } = await settings();
      return { id, name, timeZone };
    },

    /** Whether residents are offered this kind of credential. */
    async offers(kind: CredentialKind): Promise<boolean> {
      return (await settings()).offers.some((offer) => offer.kind === kind);
    },

    async read(actor: Actor): Promise<CommunitySettings> {
      authorise(actor, "doors.read");
      return settings();
    },

    /**
     * Throws `stale-revision`, `way-in-lost`, `invalid-request` for a kind that is offered twice, and `conflict` for
     * another end of old cards than the owners passed, where they vote.
     */
    async update(author: StaffAuthor, input: CommunityUpdate): Promise<CommunitySettings> {
      authorise(author.actor, "rules.write");
      const kinds = input.offers.map((offer) => offer.kind);
      if (new Set(kinds).size !== kinds.length) {
        throw refusal("invalid-request", "each kind is offered once", {
          fields: [{ path: "body/offers", message: "expected each kind at most once" }],
        });
      }
      return change(
        author,
        async ({ trx, touch, record }) => {
          const before = found(await selectCommunity(trx), "community");
          demandFresh(before, input.revision);
          const { legacyUntil = before.legacyUntil } = input;
          if (legacyUntil !== before.legacyUntil) {
            const day = await selectLocalDate(trx, legacyUntil);
            await demandDeadline(trx, day);
          }
          const after = {
            name: input.name.trim(),
            offers: input.offers,
            gradeCaps: input.gradeCaps,
            legacyUntil,
          };
          await updateCommunity(trx, after);
          await touch("site");
          await record({
            action: "community.changed",
            entity: "community",
            entityId: before.id,
            before: {
              name: before.name,
              offers: before.offers,
              gradeCaps: before.gradeCaps,
              legacyUntil: before.legacyUntil,
            },
            after,
          });
          return found(await selectCommunity(trx), "community");
        },
        { guarded: true },
      );
    },
  };
}
