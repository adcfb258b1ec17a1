import { fromHex, randomBytes } from "@menshen/crypto/node";
import { encodeCrockford, groupCrockford, tidyCrockford } from "@menshen/domain";
import {
  type BodyOf,
  type ChangeReason,
  type ResidentInvitation,
  type ResidentKeys,
  type ResidentKeyTime,
  type residentEndpoints,
  residentTexts,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found, lockRecord, unlessTaken } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { LeafRecorder } from "../../evidence-record/index.ts";
import { restateCredentialsOf } from "../credentials/index.ts";
import { hashToken, makeRateLimit } from "../identity/index.ts";
import {
  deleteAccount,
  deleteInvitationOf,
  insertAccount,
  lockAccount,
  replaceInvitation,
  selectAccountState,
  selectPresentPerson,
  takeInvitation,
} from "./resident.store.ts";
import { keyRefused, type OpenedSession, type ResidentSessionsService } from "./resident-sessions.service.ts";
import { isSignedBy } from "./signed-by.ts";

/** A week: long enough for a letter in the box, short enough to be forgotten. */
export const INVITATION_LIFE_MS = 7 * 24 * 60 * 60_000;
/** 80 bits: nobody guesses it in a week, and it is copied by hand. */
const CODE_BYTES = 10;
const ROUTINE: ChangeReason = { code: "routine" };

export interface AccountsDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly leaves: LeafRecorder;
  readonly sessions: ResidentSessionsService;
  readonly communityId: string;
  /** Position of the last stored event. */
  readonly lastPosition: () => Promise<number>;
  /** Address of the server, without a slash at its end. */
  readonly publicUrl: () => string;
}

export type AccountsService = ReturnType<typeof makeAccountsService>;

/** How a person comes to an account of their own, and to another key. The server learns public keys only. */
export function makeAccountsService(dependencies: AccountsDependencies) {
  const { db, clock, change, leaves, sessions, communityId } = dependencies;
  const perStaff = makeRateLimit(clock, 30, 60_000);

  /** Puts a key in the place of the one before; gates hear of it with their next keyring. */
  async function register(
    scope: ChangeScope,
    personId: string,
    keys: ResidentKeys,
    registeredBy: ResidentKeyTime["registeredBy"],
  ): Promise<void> {
    const { trx, at } = scope;
    const firstPosition = await dependencies.lastPosition();
    const replaced = await deleteAccount(trx, personId, at);
    await unlessTaken(
      insertAccount(trx, {
        personId,
        authKey: fromHex(keys.authKey),
        trailKey: fromHex(keys.trailKey),
        firstPosition,
        registeredBy,
        at,
      }),
      "this key belongs to another account: each person has one of their own",
    );
    await leaves.record(trx, {
      at,
      topic: "resident-key-registered",
      subject: { kind: "person", id: personId },
      statement: { personId, ...keys, registeredBy },
    });
    await restateCredentialsOf(scope, personId);
    await scope.record({
      action: replaced ? "resident.key-replaced" : "resident.key-registered",
      entity: "person",
      entityId: personId,
      after: { registeredBy },
    });
  }

  return {
    async state(actor: Actor, personId: string) {
      authorise(actor, "homes.read");
      found(await selectPresentPerson(db, personId), "person");
      return selectAccountState(db, personId, clock.now());
    },

    /** Throws `rate-limited` for somebody who invites a whole community at once. */
    async invite(author: StaffAuthor, personId: string): Promise<ResidentInvitation> {
      authorise(author.actor, "homes.write");
      perStaff.take(author.actor.staffId);
      return change(author, (scope) => this.inviteWithin(scope, personId));
    },

    /** Makes the code within a change; whoever calls has authorised it. */
    async inviteWithin({ trx, at, record }: ChangeScope, personId: string): Promise<ResidentInvitation> {
      const code = encodeCrockford(randomBytes(CODE_BYTES));
      await lockRecord(trx, "person", personId);
      found(await selectPresentPerson(trx, personId), "person");
      const expiresAt = at + INVITATION_LIFE_MS;
      await replaceInvitation(trx, { codeHash: hashToken(code), personId, expiresAt });
      await record({ action: "resident.invited", entity: "person", entityId: personId });
      const shown = groupCrockford(code);
      return { code: shown, link: `${dependencies.publicUrl()}/resident/#join=${shown}`, expiresAt };
    },

    /** Throws `code-invalid`, `key-refused`, `conflict` for a key that somebody else has. */
    async join(
      input: BodyOf<typeof residentEndpoints.join>,
    ): Promise<OpenedSession & { readonly personId: string }> {
      const { authKey, trailKey } = input;
      const code = tidyCrockford(input.code);
      if (code === undefined) throw codeInvalid();
      const text = residentTexts.join(communityId, { authKey, trailKey }, code);
      if (!isSignedBy(authKey, text, input.signature)) throw keyRefused();
      return change({ actor: undefined, reason: ROUTINE }, async (scope) => {
        const personId = await takeInvitation(scope.trx, hashToken(code), scope.at);
        if (personId === undefined) throw codeInvalid();
        await lockRecord(scope.trx, "person", personId);
        if ((await selectPresentPerson(scope.trx, personId)) === undefined) throw codeInvalid();
        await register(scope, personId, { authKey, trailKey }, "invitation");
        return { personId, ...(await sessions.open(scope.trx, personId, scope.at)) };
      });
    },

    /** Throws `key-refused` unless both the present key and the new one signed. Every other session ends. */
    async replaceKey(
      resident: SignedInResident,
      input: BodyOf<typeof residentEndpoints.replaceKey>,
    ): Promise<OpenedSession> {
      const { authKey, trailKey, challenge } = input;
      const text = residentTexts.replaceKey(communityId, { authKey, trailKey }, challenge);
      return change({ actor: undefined, reason: ROUTINE }, async (scope) => {
        await proveOwn(scope, resident, challenge, text, input.signature);
        if (!isSignedBy(authKey, text, input.newSignature)) throw keyRefused();
        await register(scope, resident.personId, { authKey, trailKey }, "own-key");
        return sessions.open(scope.trx, resident.personId, scope.at);
      });
    },

    /** Nothing is wrapped to the key from the next keyring on; what was wrapped opens with the key alone, as before. */
    async deleteKey(
      resident: SignedInResident,
      input: BodyOf<typeof residentEndpoints.deleteKey>,
    ): Promise<void> {
      const text = residentTexts.deleteKey(communityId, input.challenge);
      await change({ actor: undefined, reason: ROUTINE }, async (scope) => {
        await proveOwn(scope, resident, input.challenge, text, input.signature);
        await endResidentAccount(scope, resident.personId);
        await restateCredentialsOf(scope, resident.personId);
      });
    },
  };

  /** A session alone, which somebody may have got hold of, is not enough to change keys. */
  async function proveOwn(
    { trx }: ChangeScope,
    resident: SignedInResident,
    challenge: string,
    text: string,
    signature: string,
  ): Promise<void> {
    const account = await lockAccount(trx, resident.personId);
    if (account === undefined) throw refusal("not-signed-in", "sign in first");
    const authKey = Buffer.from(account.authKey).toString("hex");
    await sessions.takeChallenge(trx, authKey, challenge);
    if (!isSignedBy(authKey, text, signature)) throw keyRefused();
  }
}

/** Ends a person's account, its sessions and its invitation, within a change; does nothing if there is none. */
export async function endResidentAccount(
  { trx, at, record }: Pick<ChangeScope, "trx" | "at" | "record">,
  personId: string,
): Promise<void> {
  await deleteInvitationOf(trx, personId);
  if (await deleteAccount(trx, personId, at)) {
    await record({ action: "resident.account-ended", entity: "person", entityId: personId });
  }
}

function codeInvalid() {
  return refusal("code-invalid", "this code is used up, expired or unknown");
}
