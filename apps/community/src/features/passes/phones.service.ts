import { randomUUID } from "node:crypto";
import { credentialKeyOf } from "@menshen/credentials";
import { equalBytes, fromHex, p256Verify, primitives, toHex } from "@menshen/crypto/node";
import {
  type ChangeReason,
  MAX_PHONE_PASSES,
  type PhonePassEnrol,
  type PhonePassRecord,
  passTexts,
  type VisitorPassRevoke,
} from "@menshen/wire";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { found, lockRecord, unlessTaken } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import {
  hasResidency,
  identifierContext,
  insertCredential,
  logStatesOf,
  selectKeyVersion,
  takeStep,
  updateState,
} from "../credentials/index.ts";
import { makeRateLimit } from "../identity/index.ts";
import { selectDwellingsOf, selectPhones } from "./phones.store.ts";
import { countRevocations, insertRevocation } from "./revocations.store.ts";

const ROUTINE: ChangeReason = { code: "routine" };
/** A key that a browser keeps is none in hardware. */
const GRADE = "C";
/** More than anybody invites; gates hold a list for all. */
const MOST_REVOCATIONS = 200;
/** Longer than any visitor pass lasts, and than anybody prepares one ahead. */
const LONGEST_REVOCATION_MS = 366 * 86_400_000;

/** Phone passes: made by their holders, who are the only ones to hold the key. The same for tenants, owners and family. */
export function makePhonesService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly communityId: string;
  /** Gates must hear of what was taken back. */
  readonly tellGates: () => Promise<void>;
}) {
  const { db, clock, change, storageKey, communityId, tellGates } = dependencies;
  const perResident = makeRateLimit(clock, 30, 10_000);

  async function list(reader: Reader, personId: string): Promise<readonly PhonePassRecord[]> {
    const phones = await selectPhones(reader, personId);
    const logStates = await logStatesOf(
      reader,
      clock.now(),
      phones.map(({ id }) => id),
    );
    return phones.map(({ id, key, label, enrolledAt, state }) => ({
      credentialKey: toHex(key),
      label,
      enrolledAt,
      state,
      log: logStates.get(id)?.state ?? "on-its-way",
    }));
  }

  return {
    /** One's own that live. */
    list: (resident: SignedInResident) => list(db, resident.personId),

    /**
     * Makes a key on a telephone a credential of whoever is signed in. Throws `key-refused` for a key that did not sign for
     * this person, `conflict` for one that is enrolled or was ended and for a fifth phone.
     */
    async enrol(resident: SignedInResident, input: PhonePassEnrol): Promise<PhonePassRecord> {
      const { personId } = resident;
      perResident.take(personId);
      const publicKey = fromHex(input.publicKey);
      // Only its holder can sign with it, and this person is named in what is signed.
      if (!p256Verify(publicKey, passTexts.enrol(personId, publicKey), fromHex(input.proof))) {
        throw refusal("key-refused", "the key did not sign for this person");
      }
      const key = credentialKeyOf(primitives, "phone-pass", publicKey);
      return change({ actor: undefined, reason: ROUTINE }, async (scope) => {
        const { trx, at } = scope;
        await lockRecord(trx, "person", personId);
        if (!(await hasResidency(trx, personId, at))) {
          throw refusal("forbidden", "only those who live or work here have a way in");
        }
        if ((await selectPhones(trx, personId)).length >= MAX_PHONE_PASSES) {
          throw refusal("conflict", `expected at most ${MAX_PHONE_PASSES} phone passes: remove one first`);
        }
        const dwellings = await selectDwellingsOf(trx, personId, at);
        const id = randomUUID();
        // Who has two homes shows the same phone at both: the pass ends with the last of them.
        const dwellingId = dwellings.length === 1 ? dwellings[0] : undefined;
        await unlessTaken(
          insertCredential(trx, {
            id,
            key,
            kind: "phone-pass",
            grade: GRADE,
            label: input.label.trim(),
            sealedIdentifier: storageKey.seal(publicKey, identifierContext(id)),
            doorGroups: [],
            personId,
            dwellingId,
            from: undefined,
            until: undefined,
            temporary: false,
            state: "active",
            at,
            replacesId: undefined,
            modelVersion: await scope.touch("credentials"),
            keyVersion: await selectKeyVersion(trx),
            hidesUid: false,
            countsTaps: false,
          }),
          "this key is, or was, a credential already: make a new one",
        );
        await scope.record({
          action: "credential.enrolled",
          entity: "credential",
          entityId: id,
          after: { kind: "phone-pass", doorGroups: [], personId, dwellingId },
        });
        const phones = await list(trx, personId);
        return found(
          phones.find(({ credentialKey }) => credentialKey === toHex(key)),
          "phone pass",
        );
      });
    },

    /** Ends one for good. Throws `not-found` for one that is not one's own. */
    async remove(resident: SignedInResident, credentialKey: string): Promise<void> {
      const key = fromHex(credentialKey);
      await change({ actor: undefined, reason: ROUTINE }, async (scope) => {
        await lockRecord(scope.trx, "person", resident.personId);
        const phones = await selectPhones(scope.trx, resident.personId);
        const phone = found(
          phones.find((one) => equalBytes(one.key, key)),
          "phone pass",
        );
        const { to, action } = takeStep(phone.state, "destroy");
        await updateState(scope.trx, phone.id, to, scope.at, await scope.touch("credentials"));
        await scope.record({
          action: `credential.${action}`,
          entity: "credential",
          entityId: phone.id,
          before: { state: phone.state },
          after: { state: to },
        });
      });
    },

    /**
     * Takes a visitor pass back. The server does not know the pass: gates refuse it only if it is signed by the same phone.
     * Throws `not-found` for a phone that is not one's own, `key-refused` unless it signed, `conflict` for too many.
     */
    async revoke(resident: SignedInResident, input: VisitorPassRevoke): Promise<void> {
      const { personId } = resident;
      perResident.take(personId);
      const delegate = fromHex(input.credentialKey);
      const passId = fromHex(input.passId);
      const now = clock.now();
      if (input.until > now + LONGEST_REVOCATION_MS) {
        throw refusal("invalid-request", "no visitor pass lasts so long", {
          fields: [{ path: "body/until", message: "expected within a year" }],
        });
      }
      const phones = await selectPhones(db, personId);
      const phone = found(
        phones.find((one) => equalBytes(one.key, delegate)),
        "phone pass",
      );
      const publicKey = storageKey.open(phone.sealed, identifierContext(phone.id));
      const text = passTexts.revoke(communityId, passId, input.until);
      if (!p256Verify(publicKey, text, fromHex(input.signature))) {
        throw refusal("key-refused", "the phone did not sign this");
      }
      if (input.until <= now) return;
      await db.transaction().execute(async (trx) => {
        await lockRecord(trx, "person", personId);
        if ((await countRevocations(trx, personId, now)) >= MOST_REVOCATIONS) {
          throw refusal("conflict", `expected at most ${MOST_REVOCATIONS} passes taken back at a time`);
        }
        await insertRevocation(trx, { delegate, passId, until: input.until, personId });
      });
      await tellGates();
    },
  };
}
