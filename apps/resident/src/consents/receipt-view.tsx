import { fillText, StateMark } from "@menshen/ui";
import type { KeptReceipt } from "@menshen/wire";
import { useEffect, useState } from "react";
import { request } from "../api/client.ts";
import { useTexts } from "../i18n/texts.ts";
import { useMoments } from "../layout/moments.ts";
import { usePinnedLog } from "../log/use-log.ts";
import { usePinnedReceiptKey } from "../receipts/use-receipt-key.ts";
import { saveFile } from "./save-file.ts";
import { useConsentTexts } from "./use-consent-texts.ts";
import { checkReceipt, type ReceiptCheck } from "./verify-receipt.ts";

/** A receipt, verified on this device. */
export function ReceiptView(props: { title: string; kept: KeptReceipt }) {
  const c = useConsentTexts();
  const t = useTexts();
  const moments = useMoments();
  const log = usePinnedLog();
  const receiptKey = usePinnedReceiptKey();
  const [check, setCheck] = useState<ReceiptCheck>();
  const { title, kept } = props;
  useEffect(() => {
    if (log === undefined || receiptKey === undefined) return;
    let isGone = false;
    const proofOf = async (index: number) => (await request(`/log/proof/${index}`)).text();
    void checkReceipt(kept, receiptKey, log, proofOf).then((found) => {
      if (!isGone) setCheck(found);
    });
    return () => {
      isGone = true;
    };
  }, [kept, log, receiptKey]);

  if (check === undefined) return <StateMark tone="quiet">{c.check.checking}</StateMark>;
  if (!check.verified) return <StateMark tone="alarm">{c.check.failed}</StateMark>;
  const { receipt, index } = check;
  const { by, alternatives, period } = receipt;
  return (
    <div className="consent-receipt">
      <p>
        <strong>{title}</strong> · {moments.moment(receipt.at)}
      </p>
      <p className="plain-quiet plain-mono">{fillText(c.receiptNumber, { id: receipt.recordId })}</p>
      <p className="plain-quiet">
        {by.way === "paper" ? c.paper : receipt.guardian === undefined ? c.ownKey : c.guardianSigned}
      </p>
      <p className="plain-quiet">{fillText(c.until, { when: moments.day(period.until) })}</p>
      {alternatives.length === 0 ? null : (
        <details>
          <summary>{c.alternatives}</summary>
          <ul>
            {alternatives.map(({ door, ways }) => (
              <li key={door}>
                {door}: {ways.map((way) => c.ways[way]).join(t.common.separator)}
              </li>
            ))}
          </ul>
        </details>
      )}
      <p>
        <StateMark tone="granted">{c.check.verified}</StateMark>
      </p>
      <p>
        <StateMark tone={check.log === "logged" ? "granted" : check.log === "notLogged" ? "alarm" : "quiet"}>
          {fillText(c.check[check.log], { index: index ?? "" })}
        </StateMark>
      </p>
      <p className="plain-no-print">
        <button
          type="button"
          className="plain-link"
          onClick={() => saveFile(`menshen-receipt-${receipt.recordId}-${receipt.event}.json`, kept.text)}
        >
          {c.save}
        </button>
      </p>
    </div>
  );
}
