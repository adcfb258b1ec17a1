import { toHex } from "@menshen/crypto/node";
import { type ResidentReceipt, residentTexts } from "@menshen/wire";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database, Reader, Trx } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import {
  insertDenial,
  insertReceipt,
  lockCredential,
  NOT_HANDED_OVER,
  parseKind,
} from "../credentials/index.ts";
import { lockAccount } from "./resident.store.ts";
import { keyRefused } from "./resident-sessions.service.ts";
import { isSignedBy } from "./signed-by.ts";

const ASKED = { actor: undefined, reason: { code: "resident-request" } } as const;

export type ReceiptsService = ReturnType<typeof makeReceiptsOfResidents>;

/** Residents sign with their own key for what the desk handed to them, in the place of a paper. */
export function makeReceiptsOfResidents(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
  readonly communityId: string;
}) {
  const { db, change, communityId } = dependencies;
  return {
    /** What they got and did not sign for. */
    due: (resident: SignedInResident): Promise<readonly ResidentReceipt[]> =>
      selectDue(db, resident.personId),

    /** Throws `not-found` for what is not theirs, or signed for already; `key-refused` for another key's signature. */
    async sign(resident: SignedInResident, credentialId: string, signature: string): Promise<void> {
      await change(ASKED, async (scope) => {
        const { trx, at } = scope;
        const receipt = await signedFor(trx, resident, credentialId, signature, residentTexts.receipt);
        const leafId = await scope.leaf({
          topic: "credential-handed-over",
          subject: { kind: "person", id: resident.personId },
          statement: { credentialId, kind: receipt.kind, way: "own-key", signature },
        });
        await insertReceipt(trx, credentialId, { at, leafId, signature: Buffer.from(signature, "hex") });
        await scope.record({
          action: "credential.handed-over",
          entity: "credential",
          entityId: credentialId,
          after: { receipt: "own-key" },
        });
      });
    },

    /** "I did not get it", for the desk to act on; with the same refusals. Said again, it changes nothing. */
    async deny(resident: SignedInResident, credentialId: string, signature: string): Promise<void> {
      await change(ASKED, async (scope) => {
        const { trx, at } = scope;
        const receipt = await signedFor(trx, resident, credentialId, signature, residentTexts.denial);
        if (receipt.deniedAt !== undefined) return;
        const leafId = await scope.leaf({
          topic: "credential-denied",
          subject: { kind: "person", id: resident.personId },
          statement: { credentialId, kind: receipt.kind, signature },
        });
        await insertDenial(trx, credentialId, { at, leafId, signature: Buffer.from(signature, "hex") });
        await scope.record({
          action: "credential.receipt-denied",
          entity: "credential",
          entityId: credentialId,
          after: {},
        });
      });
    },
  };

  /** What is due of this credential, once its holder's key is seen to have signed about it. */
  async function signedFor(
    trx: Trx,
    { personId }: SignedInResident,
    credentialId: string,
    signature: string,
    textOf: (communityId: string, receipt: ResidentReceipt) => string,
  ): Promise<ResidentReceipt> {
    await lockCredential(trx, credentialId);
    const receipt = found(
      (await selectDue(trx, personId)).find((one) => one.credentialId === credentialId),
      "credential to sign for",
    );
    const account = await lockAccount(trx, personId);
    const text = textOf(communityId, receipt);
    if (account === undefined || !isSignedBy(toHex(account.authKey), text, signature)) throw keyRefused();
    return receipt;
  }
}

async function selectDue(db: Reader, personId: string): Promise<readonly ResidentReceipt[]> {
  const rows = await db
    .selectFrom("credential")
    .leftJoin("credential_receipt", "credential_receipt.credential_id", "credential.id")
    .leftJoin("receipt_denial", "receipt_denial.credential_id", "credential.id")
    .select([
      "credential.id",
      "credential.kind",
      "credential.label",
      "credential.enrolled_at",
      "receipt_denial.at as denied_at",
    ])
    .where("credential.person_id", "=", personId)
    .where("credential.state", "=", "active")
    .where("credential.kind", "not in", NOT_HANDED_OVER)
    .where("credential_receipt.credential_id", "is", null)
    .orderBy("credential.enrolled_at")
    .orderBy("credential.id")
    .limit(100)
    .execute();
  return rows.map(({ id, kind, label, enrolled_at, denied_at }) => ({
    credentialId: id,
    kind: parseKind(kind),
    label,
    enrolledAt: enrolled_at,
    ...optional("deniedAt", denied_at),
  }));
}
