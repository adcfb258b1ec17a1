import { fromHex, toHex } from "@menshen/crypto/node";
import { verifyReceipt } from "@menshen/custody";
import type { BodyOf, custodianEndpoints } from "@menshen/wire";
import type { SignedInCustodian } from "../../authority/signed-in-custodian.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import { found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { BY_CUSTODIAN } from "./appointments.service.ts";
import { selectCeremony } from "./ceremonies.store.ts";
import { hasReceipt, insertReceipt } from "./custody.store.ts";
import type { KeyRing } from "./key-ring.ts";

export type ReceiptsService = ReturnType<typeof makeReceiptsService>;

/** What custodians say they destroyed. */
export function makeReceiptsService(dependencies: { readonly change: ChangeRunner; readonly keys: KeyRing }) {
  const { change, keys } = dependencies;
  return {
    /**
     * Records a receipt, public in the evidence log; a second one for the same share changes nothing, so that programs may
     * send again what was not answered. Throws `not-found`, `forbidden` for custodians of other ceremonies, `key-refused`.
     */
    async acknowledge(
      custodian: SignedInCustodian,
      input: BodyOf<typeof custodianEndpoints.receipt>,
    ): Promise<void> {
      await change(BY_CUSTODIAN, async ({ trx, at, leaf, record }) => {
        const { row } = found(await selectCeremony(trx, input.ceremony), "ceremony");
        const seat = custodian.seats.find(({ version }) => version === row.set_version);
        if (seat === undefined) throw refusal("forbidden", "other custodians held this ceremony");
        const key = found(
          keys.keysOf(row).find(({ epoch }) => epoch === input.epoch),
          "key of this epoch",
        );
        const { epoch, destroyedAt } = input;
        const { index } = seat;
        const signature = fromHex(input.signature);
        const receipt = { keyId: key.id, epoch, index, destroyedAtMs: destroyedAt };
        if (!verifyReceipt(custodian.identityKey, receipt, signature)) {
          throw refusal("key-refused", "the signature does not fit the receipt");
        }
        if (await hasReceipt(trx, { ceremony: row.id, epoch, index })) return;
        const statement = {
          ceremony: row.id,
          epoch,
          keyId: toHex(key.id),
          custodian: seat.body,
          index,
          destroyedAt,
          signature: input.signature,
        };
        const leafId = await leaf({
          topic: "shares-destroyed",
          subject: { kind: "community" },
          statement,
          public: true,
        });
        await insertReceipt(trx, {
          ceremony: row.id,
          epoch,
          index,
          destroyedAt,
          leafId,
          signature,
          receivedAt: at,
        });
        await record({
          action: "share.destroyed",
          entity: "epoch",
          entityId: String(epoch),
          after: { custodian: seat.body, destroyedAt },
        });
      });
    },
  };
}
