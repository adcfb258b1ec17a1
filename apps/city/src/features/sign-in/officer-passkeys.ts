import { randomUUID } from "node:crypto";
import { makePasskeyStore, makePasskeys, type WebauthnSettings } from "@menshen/service-kit/passkeys";
import { type OfficerPasskey, officerPasskeyEndpoints } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import { type Database, recordAct, type Trx } from "../../database/database.ts";
import { refusal } from "../../errors.ts";
import type { Router } from "../../http/router.ts";

const MOST_PASSKEYS = 8;
const store = makePasskeyStore<Record<never, never>>({
  passkeys: "officer_passkey",
  challenges: "officer_challenge",
  owner: "officer_id",
  extra: [],
});

export type OfficerPasskeys = ReturnType<typeof makeOfficerPasskeys>;

/** Officers' passkeys: made once signed in by a link, and the way in from then on. */
export function makeOfficerPasskeys(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly webauthn: WebauthnSettings;
}) {
  const { db, clock, webauthn } = dependencies;
  const passkeys = makePasskeys({ webauthn, now: clock.now, store, refused: passkeyRefused });

  return {
    signInOptions: () => passkeys.signInOptions(db),
    verifySignIn: (input: { readonly challengeId: string; readonly response: unknown }) =>
      passkeys.verifySignIn(db, input),
    noteUse: store.noteUse,
    /** Whether an officer who may still sign in has one. */
    isAny: (trx: Trx) => isAny(trx),
    /** An officer whose access ended leaves none. */
    removeAll: (trx: Trx, officerId: string) => removeAll(trx, officerId),

    routes(router: Router): void {
      router.officer(officerPasskeyEndpoints.list, async ({ officer }) => ({
        items: (await store.selectOf(db, officer.officerId)).map(passkeyView),
      }));
      router.officer(officerPasskeyEndpoints.options, ({ officer }) =>
        passkeys.registrationOptions(db, { id: officer.officerId, name: officer.name }),
      );
      router.officer(officerPasskeyEndpoints.register, async ({ officer, body }) => {
        const { officerId } = officer;
        const { webauthnId, publicKey, signCount } = await passkeys.verifyNew(db, officerId, body);
        return db.transaction().execute(async (trx) => {
          const at = clock.now();
          // Two at once are counted one after the other.
          await trx.selectFrom("officer").select("id").where("id", "=", officerId).forUpdate().execute();
          if ((await store.selectByWebauthnId(trx, webauthnId)) !== undefined) throw passkeyRefused();
          if ((await store.selectOf(trx, officerId)).length >= MOST_PASSKEYS)
            throw refusal("conflict", `expected at most ${MOST_PASSKEYS} passkeys: remove one first`);
          const passkey = { id: randomUUID(), name: body.name.trim(), createdAt: at };
          await store.insert(trx, { ...passkey, ownerId: officerId, webauthnId, publicKey, signCount }, {});
          await recordAct(trx, { at, officerId, action: "passkey-registered", entityId: passkey.id });
          return passkey;
        });
      });
      router.officer(officerPasskeyEndpoints.remove, ({ officer, params }) =>
        db.transaction().execute(async (trx) => {
          const { officerId } = officer;
          const own = await store.selectOf(trx, officerId);
          if (!own.some(({ id }) => id === params.id)) throw refusal("not-found", "no such passkey");
          await store.remove(trx, officerId, params.id);
          const act = { action: "passkey-removed", entityId: params.id };
          await recordAct(trx, { at: clock.now(), officerId, ...act });
          return null;
        }),
      );
    },
  };
}

async function isAny(trx: Trx): Promise<boolean> {
  const row = await trx
    .selectFrom("officer_passkey")
    .innerJoin("officer", "officer.id", "officer_id")
    .select("officer_passkey.id")
    .where("officer.removed_at", "is", null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

async function removeAll(trx: Trx, officerId: string): Promise<void> {
  await trx.deleteFrom("officer_passkey").where("officer_id", "=", officerId).execute();
  await trx.deleteFrom("officer_challenge").where("officer_id", "=", officerId).execute();
}

/** Says the same whatever was wrong. */
export function passkeyRefused(cause?: unknown): Error {
  const error = refusal("passkey-refused", "this passkey was not accepted");
  if (cause !== undefined) error.cause = cause;
  return error;
}

function passkeyView(row: {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}): OfficerPasskey {
  const { id, name, createdAt, lastUsedAt } = row;
  return { id, name, createdAt, ...(lastUsedAt === null ? {} : { lastUsedAt }) };
}
