import { ed25519Verify, sha256 } from "@menshen/crypto";
import { CONSENT_PURPOSE_TEXTS } from "@menshen/domain";
import { parseVerifierKey, verifyConsentReceipt } from "@menshen/evidence";
import { consentNoticeEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { ExactMoment } from "../../components/moments.tsx";
import { Loading } from "../../components/page-states.tsx";
import { usePreferences } from "../../preferences.tsx";

/** A receipt for whoever decided on paper, verified before it is printed. */
export function PrintedReceipt(props: { text: string; onClose: () => void }) {
  const { t: text } = useTranslation("consent");
  const { language } = usePreferences();
  const own = language === "en" ? "en" : "zh-CN";
  const key = useQuery({
    queryKey: [consentNoticeEndpoints.receiptKey.id],
    queryFn: ({ signal }) => call(consentNoticeEndpoints.receiptKey, { signal }),
  });
  const parsed = key.data === undefined ? undefined : parseVerifierKey(sha256, key.data.key);
  if (parsed === undefined || !parsed.parsed) return <Loading />;
  const verdict = verifyConsentReceipt({ sha256, ed25519Verify }, props.text, {
    receiptKey: parsed.key.publicKey,
  });
  if (!verdict.verified) return <p role="alert">{verdict.fault}</p>;
  const { receipt } = verdict;
  return (
    <article className="consent-paper">
      <span className="actions consent-no-print">
        <Button type="primary" onClick={() => window.print()}>
          {text("paper.print")}
        </Button>
        <Button onClick={props.onClose}>{text("paper.close")}</Button>
      </span>
      <h3>
        {text(receipt.event === "given" ? "paper.receiptTitle" : "paper.withdrawnTitle")} ·{" "}
        {CONSENT_PURPOSE_TEXTS[receipt.purpose][own]}
      </h3>
      <dl>
        <dt>{text("paper.at")}</dt>
        <dd>
          <ExactMoment epochMs={receipt.at} />
        </dd>
        <dt>{text("paper.until")}</dt>
        <dd>
          <ExactMoment epochMs={receipt.period.until} />
        </dd>
        <dt>{text("paper.who")}</dt>
        <dd>{text("paper.party", { ...receipt.controller })}</dd>
        <dt>{text("paper.by")}</dt>
        <dd>{text("paper.party", { ...receipt.processor })}</dd>
        <dt>{text("paper.subject")}</dt>
        <dd className="code">{receipt.recordId}</dd>
      </dl>
      <p>{receipt.withdrawal[own]}</p>
      <p className="quiet">{text("paper.receiptHelp")}</p>
      <p className="consent-paper__exact">
        {text("paper.exact")}: {props.text}
      </p>
    </article>
  );
}
