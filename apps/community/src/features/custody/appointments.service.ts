import { fromHex, toHex } from "@menshen/crypto/node";
import { type CustodianSet, CustodyError, encodeCustodianSet, verifyEndorsement } from "@menshen/custody";
import type { BodyOf, CustodianSetView, CustodySettings, custodyEndpoints } from "@menshen/wire";
import { authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { SignedInCustodian } from "../../authority/signed-in-custodian.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Database } from "../../database/database.ts";
import { demandFresh, found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { selectUnderWay, setState } from "./ceremonies.store.ts";
import {
  insertEndorsement,
  insertSet,
  lockCustody,
  putInForce,
  type StoredSet,
  selectSets,
  selectSettings,
  updateRetention,
} from "./custody.store.ts";
import { viewOfSet } from "./custody-views.ts";

export type AppointmentsService = ReturnType<typeof makeAppointmentsService>;

/** Who the custodians are, and how long epochs can be opened after their end. */
export function makeAppointmentsService(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
  /** After a change that gates must hear of. */
  readonly trailChanged: () => void;
}) {
  const { change, trailChanged } = dependencies;

  /** The set takes effect; a ceremony of the one before is given up. */
  async function enact(scope: ChangeScope, set: CustodianSet, endorsedBy: readonly number[]): Promise<void> {
    const { trx, at, record, leaf } = scope;
    const underWay = await selectUnderWay(trx);
    if (underWay !== undefined) {
      await setState(trx, underWay.row.id, "failed", { endedAt: at, failure: "stopped", named: [] });
    }
    await putInForce(trx, set, at);
    const statement = {
      version: set.version,
      threshold: set.threshold,
      members: set.members.map(({ body, identityKey }) => ({ body, identityKey: toHex(identityKey) })),
      endorsedBy: [...endorsedBy],
    };
    await leaf({ topic: "custodians-appointed", subject: { kind: "community" }, statement, public: true });
    await record({
      action: "custodians.appointed",
      entity: "custodian-set",
      entityId: String(set.version),
      after: statement,
    });
  }

  return {
    /** Throws `invalid-request` for a set that is none, `conflict` for the one that is in force. */
    async appoint(
      author: StaffAuthor,
      input: BodyOf<typeof custodyEndpoints.appoint>,
    ): Promise<CustodianSetView> {
      authorise(author.actor, "custody.write");
      const view = await change(author, async (scope) => {
        const { trx, at, record } = scope;
        await lockCustody(trx);
        const present = presentOf(await selectSets(trx));
        const set: CustodianSet = {
          version: (present?.set.version ?? 0) + 1,
          threshold: input.threshold,
          members: input.members.map(({ body, identityKey }) => ({
            body,
            identityKey: fromHex(identityKey),
          })),
        };
        const encoded = encode(set);
        if (present !== undefined && isSame(present.set, set)) {
          throw refusal("conflict", "these custodians are in force already");
        }
        await insertSet(trx, { version: set.version, encoded, at });
        if (present === undefined) await enact(scope, set, []);
        else {
          await record({
            action: "custodians.proposed",
            entity: "custodian-set",
            entityId: String(set.version),
            after: {
              threshold: set.threshold,
              members: set.members.map(({ body, identityKey }) => ({
                body,
                identityKey: toHex(identityKey),
              })),
            },
          });
        }
        return viewOfSet(found((await selectSets(trx)).at(-1), "set of custodians"));
      });
      trailChanged();
      return view;
    },

    /** Throws `forbidden` unless the custodian is in office, `conflict` for another set, `key-refused`. */
    async endorse(
      custodian: SignedInCustodian,
      input: { readonly version: number; readonly signature: string },
    ): Promise<CustodianSetView> {
      const { present: seat } = custodian;
      if (seat === undefined) throw refusal("forbidden", "only custodians in office endorse others");
      const view = await change(BY_CUSTODIAN, async (scope) => {
        const { trx } = scope;
        await lockCustody(trx);
        const sets = await selectSets(trx);
        const present = found(presentOf(sets), "set of custodians");
        const waiting = sets.find(({ inForceSince }) => inForceSince === undefined);
        if (waiting?.set.version !== input.version || present.set.version !== seat.version) {
          throw refusal("conflict", "no such set waits: read again which one does");
        }
        const endorsement = { index: seat.index, signature: fromHex(input.signature) };
        if (!verifyEndorsement(present.set, waiting.set, endorsement)) {
          throw refusal("key-refused", "the signature does not endorse this set");
        }
        await insertEndorsement(trx, waiting.set.version, endorsement);
        const endorsedBy = [...new Set([...waiting.endorsements.map(({ index }) => index), seat.index])];
        if (endorsedBy.length >= present.set.threshold) {
          await enact(
            scope,
            waiting.set,
            endorsedBy.toSorted((a, b) => a - b),
          );
        }
        const after = await selectSets(trx);
        return viewOfSet(
          found(
            after.find(({ set }) => set.version === input.version),
            "set",
          ),
        );
      });
      trailChanged();
      return view;
    },

    /** Throws `stale-revision`. Stands in the evidence log, for it shortens or lengthens what can be opened. */
    async changeSettings(author: StaffAuthor, input: CustodySettings): Promise<CustodySettings> {
      authorise(author.actor, "custody.write");
      const settings = await change(author, async ({ trx, record, leaf }) => {
        await lockCustody(trx);
        const before = await selectSettings(trx);
        demandFresh(before, input.revision);
        const { retentionDays } = input;
        await updateRetention(trx, retentionDays);
        await leaf({
          topic: "settings-changed",
          subject: { kind: "community" },
          statement: { setting: "retention-days", before: before.retentionDays, after: retentionDays },
          public: true,
        });
        await record({
          action: "custody.settings-changed",
          entity: "custody",
          entityId: "settings",
          before: { retentionDays: before.retentionDays },
          after: { retentionDays },
        });
        return selectSettings(trx);
      });
      trailChanged();
      return settings;
    },
  };
}

/** What a custodian's program does is nobody's of the staff. */
export const BY_CUSTODIAN = { actor: undefined, reason: { code: "routine" } } as const;

/** The set in force. */
export function presentOf(sets: readonly StoredSet[]): StoredSet | undefined {
  return sets.findLast(({ inForceSince }) => inForceSince !== undefined);
}

function encode(set: CustodianSet): Uint8Array {
  try {
    return encodeCustodianSet(set);
  } catch (error) {
    if (!(error instanceof CustodyError)) throw error;
    throw refusal(
      "invalid-request",
      "expected different bodies with different keys, 2 ≤ threshold ≤ custodians",
      {
        fields: [{ path: "body/members", message: error.message }],
      },
    );
  }
}

function isSame(one: CustodianSet, other: CustodianSet): boolean {
  const text = ({ threshold, members }: CustodianSet) =>
    JSON.stringify([threshold, ...members.map(({ body, identityKey }) => [body, toHex(identityKey)])]);
  return text(one) === text(other);
}
