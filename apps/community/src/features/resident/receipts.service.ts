import { toHex } from "@menshen/crypto/node";
import { type ResidentReceipt, residentTexts } from "@menshen/wire";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database, Reader } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { insertReceipt, lockCredential, parseKind } from "../credentials/index.ts";
import { lockAccount } from "./resident.store.ts";
import { keyRefused } from "./resident-sessions.service.ts";
import { isSignedBy } from "./signed-by.ts";

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
      await change({ actor: undefined, reason: { code: "resident-request" } }, async (scope) => {
        const { trx, at } = scope;
        await lockCredential(trx, credentialId);
        const due = await selectDue(trx, resident.personId);
        const receipt = found(
          due.find((one) => one.credentialId === credentialId),
          "credential to sign for",
        );
        const account = await lockAccount(trx, resident.personId);
        const text = residentTexts.receipt(communityId, receipt);
        if (account === undefined || !isSignedBy(toHex(account.authKey), text, signature)) throw keyRefused();
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
  };
}

async function selectDue(db: Reader, personId: string): Promise<readonly ResidentReceipt[]> {
  const rows = await db
    .selectFrom("credential")
    .leftJoin("credential_receipt", "credential_receipt.credential_id", "credential.id")
    .select(["credential.id", "credential.kind", "credential.label", "credential.enrolled_at"])
    .where("credential.person_id", "=", personId)
    .where("credential.state", "=", "active")
    // Passes of their own telephones nobody handed to them.
    .where("credential.kind", "not in", ["phone", "phone-pass", "pass", "face"])
    .where("credential_receipt.credential_id", "is", null)
    .orderBy("credential.enrolled_at")
    .orderBy("credential.id")
    .limit(100)
    .execute();
  return rows.map(({ id, kind, label, enrolled_at }) => ({
    credentialId: id,
    kind: parseKind(kind),
    label,
    enrolledAt: enrolled_at,
  }));
}
