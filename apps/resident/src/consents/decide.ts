import { sha256, toHex } from "@menshen/crypto";
import { consentTexts, noticeText } from "@menshen/domain";
import { type PublishedNotice, residentConsentEndpoints } from "@menshen/wire";
import { call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import type { DeviceOwner } from "../device/device-store.ts";
import { residentKeyOf } from "../device/resident-key.ts";

/** Whether a notice is what its hash says; nothing else is signed for. */
export function isWhatItSays(notice: PublishedNotice): boolean {
  return toHex(sha256(new TextEncoder().encode(noticeText(notice)))) === notice.sha256;
}

/**
 * Agrees to a notice that was shown, signed with one's own key.
 *
 * @param subject whom it is for: oneself, or a child at home
 * @throws {ApiError} `stale-revision` where another version asks now
 */
export async function give(
  owner: DeviceOwner,
  personId: string,
  subject: string,
  { purpose, sha256: noticeSha256 }: PublishedNotice,
): Promise<void> {
  const recordId = crypto.randomUUID();
  const text = consentTexts.give(owner.communityId, { recordId, subject, purpose, noticeSha256 });
  const signature = residentKeyOf(owner.seed).sign(text);
  const forChild = subject === personId ? {} : { childId: subject };
  await withSession(owner, () =>
    call(residentConsentEndpoints.give, {
      body: { recordId, purpose, noticeSha256, signature, ...forChild },
    }),
  );
}

/**
 * Withdraws at once, signed with one's own key.
 *
 * @throws {ApiError} `conflict` where it was withdrawn before
 */
export async function withdraw(owner: DeviceOwner, recordId: string): Promise<void> {
  const signature = residentKeyOf(owner.seed).sign(consentTexts.withdraw(owner.communityId, recordId));
  await withSession(owner, () =>
    call(residentConsentEndpoints.withdraw, { params: { id: recordId }, body: { signature } }),
  );
}
