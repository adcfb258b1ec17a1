import { fillText } from "@menshen/ui";
import { type ResidentReceipt, residentTexts } from "@menshen/wire";
import { useState } from "react";
import { useReceipts } from "../api/answers.ts";
import { ApiError } from "../api/client.ts";
import { useOwned } from "../device/device-context.tsx";
import { useTexts } from "../i18n/texts.ts";
import { credentialName } from "../layout/credential-name.ts";
import { useMoments } from "../layout/moments.ts";
import { Loading, Nothing, Problem } from "../layout/notices.tsx";
import { receiptText } from "./receipt-words.ts";
import { signReceipt } from "./sign-receipt.ts";

/** What the desk says it handed over: sign for it, or learn whom to tell that it never came. */
export function ReceiptsPage() {
  const t = useTexts();
  const due = useReceipts();
  const [signed, setSigned] = useState<string>();
  return (
    <>
      <p>{t.receipts.lead}</p>
      <p role="status">{signed === undefined ? "" : fillText(t.receipts.signed, { name: signed })}</p>
      {due.failure === undefined ? null : <Problem code={due.failure} onRetry={due.again} />}
      {due.value === undefined && due.isAsking ? <Loading /> : null}
      {due.value?.length === 0 ? <Nothing title={t.receipts.none}>{t.receipts.noneHelp}</Nothing> : null}
      {due.value?.map((receipt) => (
        <Receipt
          key={receipt.credentialId}
          receipt={receipt}
          onSigned={(name) => {
            setSigned(name);
            due.again();
          }}
          onGone={due.again}
        />
      ))}
    </>
  );
}

function Receipt(props: { receipt: ResidentReceipt; onSigned: (name: string) => void; onGone: () => void }) {
  const t = useTexts();
  const moments = useMoments();
  const { owner, community } = useOwned();
  const [isBusy, setIsBusy] = useState(false);
  const [isMissing, setIsMissing] = useState(false);
  const [failure, setFailure] = useState<string>();
  const { receipt } = props;
  const name = credentialName(t, receipt.kind, receipt.label);

  async function sign() {
    setIsBusy(true);
    setFailure(undefined);
    try {
      await signReceipt(owner, receipt);
      props.onSigned(name);
    } catch (error) {
      const code = error instanceof ApiError ? error.code : "device";
      setIsBusy(false);
      // Signed for on another device, or taken back meanwhile: the list says so.
      if (code === "not-found") return props.onGone();
      setFailure(code);
    }
  }

  return (
    <section aria-label={name}>
      <h2>{name}</h2>
      <p className="plain-quiet">
        {fillText(t.receipts.enrolled, { when: moments.moment(receipt.enrolledAt) })}
      </p>
      <blockquote className="receipt">{receiptText(t, receipt, community?.name ?? "")}</blockquote>
      <details className="receipt-bytes">
        <summary>{t.receipts.exact}</summary>
        <code>{residentTexts.receipt(owner.communityId, receipt)}</code>
      </details>
      {failure === undefined ? null : <Problem code={failure} />}
      {isMissing ? (
        <div role="status" className="plain-notice">
          <p>
            <strong>{t.receipts.missing}</strong>
          </p>
          <ul>
            {t.receipts.missingSteps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ul>
        </div>
      ) : null}
      <div className="plain-actions">
        {isMissing ? (
          <button type="button" className="plain-button" onClick={() => setIsMissing(false)}>
            {t.receipts.found}
          </button>
        ) : (
          <>
            <button
              type="button"
              className="plain-button plain-button--main"
              disabled={isBusy}
              onClick={() => void sign()}
            >
              {t.receipts.sign}
            </button>
            <button
              type="button"
              className="plain-button"
              disabled={isBusy}
              onClick={() => setIsMissing(true)}
            >
              {t.receipts.deny}
            </button>
          </>
        )}
      </div>
    </section>
  );
}
