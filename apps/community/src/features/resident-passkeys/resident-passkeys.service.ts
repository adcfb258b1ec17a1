import { randomUUID } from "node:crypto";
import { fromHex, toHex } from "@menshen/crypto/node";
import { makePasskeys, type WebauthnSettings } from "@menshen/service-kit/passkeys";
import {
  type BodyOf,
  type ResidentPasskey,
  type residentPasskeyEndpoints,
  residentPasskeyTexts,
} from "@menshen/wire";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { passkeyRefused } from "../identity/index.ts";
import { demandSignature, type OpenedSession, type ResidentSessionsService } from "../resident/index.ts";
import { isHere, residentPasskeys } from "./resident-passkeys.store.ts";

const ASKED = { actor: undefined, reason: { code: "resident-request" } } as const;
const MOST_PASSKEYS = 8;

export type ResidentPasskeysService = ReturnType<typeof makeResidentPasskeysService>;

/** Passkeys of residents: another way back in beside the recovery code. What a passkey opens, the server never has. */
export function makeResidentPasskeysService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly communityId: string;
  readonly webauthn: WebauthnSettings;
  readonly sessions: Pick<ResidentSessionsService, "limit" | "open">;
}) {
  const { db, clock, change, communityId, webauthn, sessions } = dependencies;

  const passkeys = makePasskeys({
    webauthn,
    now: clock.now,
    store: residentPasskeys,
    refused: passkeyRefused,
  });

  return {
    async list({ personId }: SignedInResident): Promise<readonly ResidentPasskey[]> {
      return (await residentPasskeys.selectOf(db, personId)).map(({ id, name, createdAt, lastUsedAt }) => ({
        id,
        name,
        createdAt,
        ...optional("lastUsedAt", lastUsedAt),
      }));
    },

    // Shown by the device in its own list, perhaps to others: no name of a person.
    options: ({ personId }: SignedInResident) =>
      passkeys.registrationOptions(db, { id: personId, name: webauthn.rpName }),

    /**
     * Throws `passkey-refused` for an answer that is not to this resident's challenge, `key-refused` unless their key signed
     * too, `conflict` for one too many.
     */
    async register(
      { personId }: SignedInResident,
      input: BodyOf<typeof residentPasskeyEndpoints.register>,
    ): Promise<ResidentPasskey> {
      const { webauthnId, publicKey, signCount } = await passkeys.verifyNew(db, personId, input);
      return change(ASKED, async ({ trx, at, record }) => {
        const text = residentPasskeyTexts.register(communityId, input.challengeId, input.sealedSeed);
        // Locks the account: two at once are counted one after the other.
        await demandSignature(trx, personId, text, input.signature);
        if ((await residentPasskeys.selectByWebauthnId(trx, webauthnId)) !== undefined)
          throw passkeyRefused();
        if ((await residentPasskeys.selectOf(trx, personId)).length >= MOST_PASSKEYS) {
          throw refusal("conflict", `expected at most ${MOST_PASSKEYS} passkeys: remove one first`);
        }
        const passkey = { id: randomUUID(), name: input.name.trim(), createdAt: at };
        await residentPasskeys.insert(
          trx,
          { ...passkey, ownerId: personId, webauthnId, publicKey, signCount },
          { sealed_seed: fromHex(input.sealedSeed) },
        );
        await record({
          action: "resident.passkey-registered",
          entity: "person",
          entityId: personId,
          after: {},
        });
        return passkey;
      });
    },

    /** Throws `not-found` for one that is not one's own. */
    async remove({ personId }: SignedInResident, id: string): Promise<void> {
      await change(ASKED, async ({ trx, record }) => {
        if (!(await residentPasskeys.remove(trx, personId, id)))
          throw refusal("not-found", "no such passkey");
        await record({
          action: "resident.passkey-removed",
          entity: "person",
          entityId: personId,
          before: {},
        });
      });
    },

    /** The same for everybody. Throws `rate-limited`. */
    async signInOptions(address: string) {
      sessions.limit(address);
      return passkeys.signInOptions(db);
    },

    /** Throws `passkey-refused` for a passkey that nobody here has, an answer that is not its own, a challenge used before. */
    async signIn(
      input: BodyOf<typeof residentPasskeyEndpoints.signIn>,
      address: string,
    ): Promise<OpenedSession & { readonly personId: string; readonly sealedSeed: string }> {
      sessions.limit(address);
      const { passkey, signCount } = await passkeys.verifySignIn(db, input);
      const personId = passkey.ownerId;
      return db.transaction().execute(async (trx) => {
        const at = clock.now();
        if (!(await isHere(trx, personId))) throw passkeyRefused();
        await residentPasskeys.noteUse(trx, { id: passkey.id, signCount, at });
        const opened = await sessions.open(trx, personId, at);
        return { ...opened, personId, sealedSeed: toHex(passkey.sealed_seed) };
      });
    },
  };
}
