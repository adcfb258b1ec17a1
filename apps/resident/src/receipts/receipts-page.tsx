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
import { denyReceipt, signReceipt } from "./sign-receipt.ts";

/** What the desk says it handed over: sign for it, or tell the desk that it never came. */
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
          onChanged={due.again}
        />
      ))}
    </>
  );
}

function Receipt(props: {
  receipt: ResidentReceipt;
  onSigned: (name: string) => void;
  onChanged: () => void;
}) {
  const t = useTexts();
  const moments = useMoments();
  const { owner, community } = useOwned();
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const { receipt } = props;
  const name = credentialName(t, receipt.kind, receipt.label);
  const { deniedAt } = receipt;

  async function say(what: () => Promise<void>, onSaid: () => void) {
    setIsBusy(true);
    setFailure(undefined);
    try {
      await what();
      setIsBusy(false);
      onSaid();
    } catch (error) {
      const code = error instanceof ApiError ? error.code : "device";
      setIsBusy(false);
      // Signed for on another device, or taken back meanwhile: the list says so.
      if (code === "not-found") return props.onChanged();
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
      {deniedAt === undefined ? null : (
        <div role="status" className="plain-notice plain-notice--due">
          <p>
            <strong>{fillText(t.receipts.missing, { when: moments.moment(deniedAt) })}</strong>
          </p>
          <ul>
            {t.receipts.missingSteps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ul>
        </div>
      )}
      <div className="plain-actions">
        <button
          type="button"
          className={deniedAt === undefined ? "plain-button plain-button--main" : "plain-button"}
          disabled={isBusy}
          onClick={() =>
            void say(
              () => signReceipt(owner, receipt),
              () => props.onSigned(name),
            )
          }
        >
          {deniedAt === undefined ? t.receipts.sign : t.receipts.found}
        </button>
        {deniedAt === undefined ? (
          <button
            type="button"
            className="plain-button"
            disabled={isBusy}
            onClick={() => void say(() => denyReceipt(owner, receipt), props.onChanged)}
          >
            {t.receipts.deny}
          </button>
        ) : null}
      </div>
    </section>
  );
}
