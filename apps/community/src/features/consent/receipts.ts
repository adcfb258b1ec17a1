import { ed25519Sign, sha256, toHex } from "@menshen/crypto/node";
import {
  type AlternativeAtDoor,
  type ConsentAct,
  type ConsentReceipt,
  makeConsentReceipt,
} from "@menshen/evidence";
import type { ReceiptKey } from "../../keys/receipt-key.ts";
import type { StoredNotice } from "./notices.store.ts";

/** What a receipt says that the notice does not. */
export interface ReceiptFacts {
  readonly recordId: string;
  readonly event: ConsentReceipt["event"];
  readonly at: number;
  readonly communityName: string;
  readonly subject: string;
  readonly guardian: string | null | undefined;
  readonly period: { readonly from: number; readonly until: number };
  readonly alternatives: readonly AlternativeAtDoor[];
  readonly by: ConsentAct;
  /** Address of the server, without a slash at its end. */
  readonly publicUrl: string;
}

/** A receipt in its signed form, and the SHA-256 by which the evidence log names it. */
export function signReceipt(
  { secretKey }: ReceiptKey,
  { notice, sha256: noticeSha256 }: StoredNotice,
  facts: ReceiptFacts,
): { readonly text: string; readonly sha256: string } {
  const { guardian, publicUrl, period, ...said } = facts;
  const place = `${publicUrl}/resident/#/consents`;
  const text = makeConsentReceipt(
    {
      ...said,
      communityId: notice.communityId,
      ...(guardian === null || guardian === undefined ? {} : { guardian }),
      controller: notice.controller,
      processor: notice.processor,
      subProcessors: notice.subProcessors,
      noticeSha256,
      noticeVersion: notice.version,
      purpose: notice.purpose,
      data: notice.texts.data,
      storage: notice.texts.storage,
      period: { ...period, deleteWithinDays: notice.deleteWithinDays },
      withdrawal: {
        "zh-CN": `随时可以：在“我的同意”里按“撤回”（${place}），或到服务台说一声。`,
        en: `At any time: press “Withdraw” under “My consents” (${place}), or say so at the desk.`,
      },
    },
    (message) => ed25519Sign(secretKey, message),
  );
  return { text, sha256: toHex(sha256(new TextEncoder().encode(text))) };
}
