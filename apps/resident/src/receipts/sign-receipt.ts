import { type ResidentReceipt, residentEndpoints, residentTexts } from "@menshen/wire";
import { call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import type { DeviceOwner } from "../device/device-store.ts";
import { residentKeyOf } from "../device/resident-key.ts";

/**
 * Signs with one's own key for what was handed over.
 *
 * @throws {ApiError} `not-found` for what is signed for already, or taken back
 */
export async function signReceipt(owner: DeviceOwner, receipt: ResidentReceipt): Promise<void> {
  const signature = residentKeyOf(owner.seed).sign(residentTexts.receipt(owner.communityId, receipt));
  await withSession(owner, () =>
    call(residentEndpoints.signReceipt, { params: { id: receipt.credentialId }, body: { signature } }),
  );
}

/**
 * Tells the desk, signed with one's own key, that something never came.
 *
 * @throws {ApiError} `not-found` for what is signed for already, or taken back
 */
export async function denyReceipt(owner: DeviceOwner, receipt: ResidentReceipt): Promise<void> {
  const signature = residentKeyOf(owner.seed).sign(residentTexts.denial(owner.communityId, receipt));
  await withSession(owner, () =>
    call(residentEndpoints.denyReceipt, { params: { id: receipt.credentialId }, body: { signature } }),
  );
}
