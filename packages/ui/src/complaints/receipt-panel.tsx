import { useEffect, useId, useRef } from "react";
import { fillText } from "../fill-text.ts";
import { type ComplaintBody, type ComplaintMoments, complaintNumber } from "./shown.ts";
import { useComplaintTexts } from "./use-complaint-texts.ts";

/**
 * What a writer gets at once: number, deadline, and the code where nothing else leads back.
 *
 * @param props.isCodeKept whether this device keeps the code
 */
export function ReceiptPanel(props: {
  complaint: { readonly id: string; readonly body: ComplaintBody; readonly answerBy: number };
  code?: string | undefined;
  isCodeKept?: boolean;
  moments: ComplaintMoments;
  onSave: () => void;
}) {
  const t = useComplaintTexts();
  const id = useId();
  const { complaint, code, isCodeKept = false, moments, onSave } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section aria-labelledby={id} className="plain-notice complaint-receipt">
      <h2 id={id} ref={heading} tabIndex={-1}>
        {t.done.title}
      </h2>
      <p>
        {fillText(t.done.lead, {
          number: complaintNumber(complaint.id),
          body: t.body[complaint.body],
          day: moments.day(complaint.answerBy - 1),
        })}
      </p>
      {code === undefined ? null : (
        <>
          <p>
            <strong>{t.done.code}</strong>
            <br />
            <span className="complaint-code">{code}</span>
          </p>
          <p>{isCodeKept ? t.done.codeKept : t.done.codeHelp}</p>
        </>
      )}
      <p className="plain-quiet">{t.done.saved}</p>
      <div className="plain-actions plain-no-print">
        <button type="button" className="plain-button" onClick={onSave}>
          {t.done.save}
        </button>
        <button type="button" className="plain-button" onClick={() => print()}>
          {t.done.print}
        </button>
      </div>
    </section>
  );
}
