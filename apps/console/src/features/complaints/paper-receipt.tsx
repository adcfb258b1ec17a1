import { QrCode } from "@menshen/ui";
import { complaintNumber } from "@menshen/ui/complaints";
import type { CodedComplaint } from "@menshen/wire";
import { Button } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { DayText, ExactMoment } from "../../components/moments.tsx";

const HOW = ["read", "rise", "judge", "check"] as const;

/** What whoever wrote on paper takes home: number, code, deadline, and how to check without anybody's word. */
export function PaperReceipt(props: { entered: CodedComplaint; onClose: () => void }) {
  const { t: text } = useTranslation("complaints");
  const { complaint, code } = props.entered;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const address = `${location.origin}/public/complaints`;
  return (
    <article className="complaint-paper">
      <p className="complaint-no-print" role="status">
        {text("receipt.done")}
      </p>
      <span className="actions complaint-no-print">
        <Button type="primary" onClick={() => window.print()}>
          {text("receipt.print")}
        </Button>
        <Button onClick={props.onClose}>{text("receipt.another")}</Button>
      </span>
      <h2 ref={heading} tabIndex={-1}>
        {text("receipt.title")}
      </h2>
      <dl>
        <dt>{text("receipt.number")}</dt>
        <dd>{complaintNumber(complaint.id)}</dd>
        <dt>{text("receipt.code")}</dt>
        <dd className="complaint-paper__code">{code}</dd>
        <dt>{text("receipt.received")}</dt>
        <dd>
          <ExactMoment epochMs={complaint.receivedAt} />
        </dd>
        <dt>{text("receipt.to")}</dt>
        <dd>{text(`body.${complaint.body}`)}</dd>
        <dt>{text("receipt.due")}</dt>
        <dd>
          <strong>
            <DayText epochMs={complaint.answerBy - 1} />
          </strong>
        </dd>
        <dt>{text("receipt.wrote")}</dt>
        <dd className="complaint-words">{complaint.text}</dd>
      </dl>
      <h3>{text("receipt.howTitle")}</h3>
      <ol>
        {HOW.map((name) => (
          <li key={name}>{text(`receipt.how.${name}`, { address })}</li>
        ))}
      </ol>
      <div className="complaint-paper__check">
        <QrCode text={complaint.receipt} label={text("receipt.exact")} />
        <div>
          <p className="quiet">{text("receipt.exact")}</p>
          <pre className="complaint-paper__exact">{complaint.receipt}</pre>
        </div>
      </div>
    </article>
  );
}
