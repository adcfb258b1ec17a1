import { fillText } from "@menshen/ui";
import type { ResidentReceipt } from "@menshen/wire";
import type { Texts } from "../i18n/texts.ts";
import { credentialName } from "../layout/credential-name.ts";

/**
 * What the first screen asks about things that the desk handed over.
 *
 * @param day writes a moment, Unix milliseconds, as a day
 * @returns `undefined` where nothing waits for an answer
 */
export function receiptsNotice(
  t: Texts,
  due: readonly ResidentReceipt[],
  day: (at: number) => string,
): string | undefined {
  const [first, ...others] = due.filter(({ deniedAt }) => deniedAt === undefined);
  if (first === undefined) return undefined;
  if (others.length > 0) return fillText(t.receipts.several, { count: others.length + 1 });
  return fillText(t.receipts.asks, {
    name: credentialName(t, first.kind, first.label),
    when: day(first.enrolledAt),
  });
}

/** The receipt in the reader's language: no more and no less than what is signed. */
export function receiptText(t: Texts, receipt: ResidentReceipt, community: string): string {
  return fillText(t.receipts.text, {
    community,
    name: credentialName(t, receipt.kind, receipt.label),
    id: receipt.credentialId,
  });
}
