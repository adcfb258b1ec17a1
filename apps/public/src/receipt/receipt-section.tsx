import { type LogVerifyKeys, MAX_PROOF_BYTES } from "@menshen/evidence";
import { fillText, StateMark } from "@menshen/ui";
import { useState } from "react";
import { topicName, useTexts } from "../i18n/texts.ts";
import { checkReceipt, type ReceiptChecked } from "./check-receipt.ts";

/** Checks a receipt that somebody was given, without a network. */
export function ReceiptSection(props: { keys: LogVerifyKeys }) {
  const t = useTexts();
  const [checked, setChecked] = useState<ReceiptChecked>();

  async function take(file: File | null | undefined) {
    if (!file) return;
    const text = file.size > MAX_PROOF_BYTES ? "" : await file.text();
    setChecked(checkReceipt(text, props.keys));
  }

  return (
    <section
      aria-labelledby="receipt"
      className="drop"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void take(event.dataTransfer.files.item(0));
      }}
    >
      <h2 id="receipt">{t.receipt.title}</h2>
      <p>{t.receipt.help}</p>
      <div className="plain-field">
        <label htmlFor="receipt-file">{t.receipt.choose}</label>
        <input
          id="receipt-file"
          type="file"
          accept=".tlog-proof,text/plain"
          onChange={(event) => void take(event.target.files?.item(0))}
        />
      </div>
      <div role="status">{checked === undefined ? null : <Outcome checked={checked} />}</div>
    </section>
  );
}

function Outcome(props: { checked: ReceiptChecked }) {
  const t = useTexts();
  const { checked } = props;
  if (!checked.valid) {
    return (
      <StateMark tone="alarm">
        {fillText(t.receipt.invalid, { why: t.proofRefusal[checked.refusal] })}
      </StateMark>
    );
  }
  const topic = topicName(t, checked.topic ?? "unknown");
  const bodies = checked.bodies.map((body) => bodyName(t.witnesses.body, body)).join(t.common.separator);
  return (
    <>
      <StateMark tone="granted">
        {fillText(t.receipt.valid, { index: checked.index, size: checked.size, topic })}
      </StateMark>
      <p>{checked.bodies.length === 0 ? t.receipt.nobody : fillText(t.receipt.bodies, { bodies })}</p>
    </>
  );
}

function bodyName(names: Readonly<Record<string, string>>, body: string): string {
  return names[body] ?? body;
}
