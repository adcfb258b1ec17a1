import { randomUUID } from "node:crypto";
import { fromHex, toHex } from "@menshen/crypto/node";
import {
  type BodyOf,
  type ResidentPasskey,
  type residentPasskeyEndpoints,
  residentPasskeyTexts,
} from "@menshen/wire";
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { refusal } from "../../errors.ts";
import {
  PASSKEY_ALGORITHMS,
  parseAuthentication,
  parseRegistration,
  passkeyRefused,
  verifyPasskeyAnswer,
  type WebauthnSettings,
} from "../identity/index.ts";
import { demandSignature, type OpenedSession, type ResidentSessionsService } from "../resident/index.ts";
import {
  deletePasskey,
  insertChallenge,
  insertPasskey,
  selectPasskeyByWebauthnId,
  selectPasskeysOf,
  takeChallenge,
  updatePasskeyUse,
} from "./resident-passkeys.store.ts";

const ASKED = { actor: undefined, reason: { code: "resident-request" } } as const;
const CHALLENGE_LIFE_MS = 5 * 60_000;
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

  async function kept(personId: string | null, options: { readonly challenge: string }) {
    const id = randomUUID();
    const at = clock.now();
    const { challenge } = options;
    await insertChallenge(db, { id, personId, challenge, at, expiresAt: at + CHALLENGE_LIFE_MS });
    return { challengeId: id, options: { ...options } };
  }

  return {
    async list({ personId }: SignedInResident): Promise<readonly ResidentPasskey[]> {
      return (await selectPasskeysOf(db, personId)).map(({ webauthnId: _, ...passkey }) => passkey);
    },

    async options({ personId }: SignedInResident) {
      const existing = await selectPasskeysOf(db, personId);
      const options = await generateRegistrationOptions({
        rpName: webauthn.rpName,
        rpID: webauthn.rpId,
        userID: new Uint8Array(Buffer.from(personId.replaceAll("-", ""), "hex")),
        // Shown by the device in its own list, perhaps to others: no name of a person.
        userName: webauthn.rpName,
        attestationType: "none",
        supportedAlgorithmIDs: PASSKEY_ALGORITHMS,
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        excludeCredentials: existing.map(({ webauthnId }) => ({
          id: Buffer.from(webauthnId).toString("base64url"),
        })),
      });
      return kept(personId, options);
    },

    /**
     * Throws `passkey-refused` for an answer that is not to this resident's challenge, `key-refused` unless their key signed
     * too, `conflict` for one too many.
     */
    async register(
      { personId }: SignedInResident,
      input: BodyOf<typeof residentPasskeyEndpoints.register>,
    ): Promise<ResidentPasskey> {
      const answer = parseRegistration(input.response);
      const challenge = await takeChallenge(db, input.challengeId, personId, clock.now());
      if (challenge === undefined) throw passkeyRefused();
      const verified = await verifyRegistrationResponse({
        response: answer,
        expectedChallenge: challenge,
        expectedOrigin: [...webauthn.origins()],
        expectedRPID: webauthn.rpId,
        requireUserVerification: true,
        supportedAlgorithmIDs: PASSKEY_ALGORITHMS,
      }).catch((cause: unknown) => {
        throw passkeyRefused(cause);
      });
      if (!verified.verified) throw passkeyRefused();
      const { credential } = verified.registrationInfo;
      return change(ASKED, async ({ trx, at, record }) => {
        const text = residentPasskeyTexts.register(communityId, input.challengeId, input.sealedSeed);
        // Locks the account: two at once are counted one after the other.
        await demandSignature(trx, personId, text, input.signature);
        const webauthnId = Buffer.from(credential.id, "base64url");
        if ((await selectPasskeyByWebauthnId(trx, webauthnId)) !== undefined) throw passkeyRefused();
        if ((await selectPasskeysOf(trx, personId)).length >= MOST_PASSKEYS) {
          throw refusal("conflict", `expected at most ${MOST_PASSKEYS} passkeys: remove one first`);
        }
        const passkey = { id: randomUUID(), name: input.name.trim(), createdAt: at };
        await insertPasskey(trx, {
          ...passkey,
          personId,
          webauthnId,
          publicKey: credential.publicKey,
          signCount: credential.counter,
          sealedSeed: fromHex(input.sealedSeed),
        });
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
        if (!(await deletePasskey(trx, personId, id))) throw refusal("not-found", "no such passkey");
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
      const options = await generateAuthenticationOptions({
        rpID: webauthn.rpId,
        userVerification: "required",
      });
      return kept(null, options);
    },

    /** Throws `passkey-refused` for a passkey that nobody here has, an answer that is not its own, a challenge used before. */
    async signIn(
      input: BodyOf<typeof residentPasskeyEndpoints.signIn>,
      address: string,
    ): Promise<OpenedSession & { readonly personId: string; readonly sealedSeed: string }> {
      sessions.limit(address);
      const answer = parseAuthentication(input.response);
      const challenge = await takeChallenge(db, input.challengeId, null, clock.now());
      const passkey = await selectPasskeyByWebauthnId(db, Buffer.from(answer.id, "base64url"));
      if (challenge === undefined || passkey === undefined) throw passkeyRefused();
      const signCount = await verifyPasskeyAnswer(webauthn, answer, challenge, passkey);
      const { personId } = passkey;
      return db.transaction().execute(async (trx) => {
        const at = clock.now();
        await updatePasskeyUse(trx, passkey.id, signCount, at);
        const opened = await sessions.open(trx, personId, at);
        return { ...opened, personId, sealedSeed: toHex(passkey.sealedSeed) };
      });
    },
  };
}
