import { COMPLAINT_TEXT_MOST, complaintEndpoints, type StaffBody } from "@menshen/wire";
import { Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";

/** The answer, without which nothing is closed. */
export function AnswerForm(props: { id: string }) {
  const { t: text } = useTranslation("complaints");
  const fieldId = useId();
  const [answer, setAnswer] = useState("");
  const refusedText = useGone();
  const send = useChange(
    (said: string) => call(complaintEndpoints.answer, { params: { id: props.id }, body: { text: said } }),
    { doneText: text("answer.done"), refusedText },
  );
  const said = answer.trim();
  return (
    <section className="section" aria-labelledby={`${fieldId}-title`}>
      <h2 id={`${fieldId}-title`}>{text("answer.title")}</h2>
      <form
        className="complaint-desk"
        onSubmit={(event) => {
          event.preventDefault();
          if (said !== "") send.mutate(said);
        }}
      >
        <div className="form-field">
          <label htmlFor={fieldId}>{text("answer.label")}</label>
          <Input.TextArea
            id={fieldId}
            aria-describedby={`${fieldId}-help`}
            rows={5}
            maxLength={COMPLAINT_TEXT_MOST}
            value={answer}
            onChange={(event) => setAnswer(event.target.value)}
          />
        </div>
        <p id={`${fieldId}-help`} className="quiet">
          {text("answer.help")}
        </p>
        <span className="actions">
          <Button type="primary" htmlType="submit" loading={send.isPending} disabled={said === ""}>
            {text("answer.send")}
          </Button>
        </span>
      </form>
    </section>
  );
}

/** What is another body's to answer goes to them, with the reason; the deadline stays. */
export function HandOnForm(props: { id: string; bodies: readonly StaffBody[] }) {
  const { t: text } = useTranslation("complaints");
  const fieldId = useId();
  const navigate = useNavigate();
  const [to, setTo] = useState<StaffBody>();
  const [why, setWhy] = useState("");
  const refusedText = useGone();
  const send = useChange(
    (body: { to: StaffBody; why: string }) =>
      call(complaintEndpoints.handOn, { params: { id: props.id }, body }),
    { doneText: text("handOn.done"), refusedText, onDone: () => void navigate("/complaints") },
  );
  const reason = why.trim();
  return (
    <section className="section" aria-labelledby={`${fieldId}-title`}>
      <h2 id={`${fieldId}-title`}>{text("handOn.title")}</h2>
      <form
        className="complaint-desk"
        onSubmit={(event) => {
          event.preventDefault();
          if (to !== undefined && reason !== "") send.mutate({ to, why: reason });
        }}
      >
        <p className="quiet">{text("handOn.help")}</p>
        <div className="form-field">
          <label htmlFor={`${fieldId}-to`}>{text("handOn.to")}</label>
          <Select
            id={`${fieldId}-to`}
            value={to ?? null}
            onChange={setTo}
            options={props.bodies.map((body) => ({ value: body, label: text(`body.${body}`) }))}
          />
        </div>
        <div className="form-field">
          <label htmlFor={`${fieldId}-why`}>{text("handOn.why")}</label>
          <Input.TextArea
            id={`${fieldId}-why`}
            rows={2}
            maxLength={COMPLAINT_TEXT_MOST}
            value={why}
            onChange={(event) => setWhy(event.target.value)}
          />
        </div>
        <span className="actions">
          <Button htmlType="submit" loading={send.isPending} disabled={to === undefined || reason === ""}>
            {text("handOn.send")}
          </Button>
        </span>
      </form>
    </section>
  );
}

/** A complaint whose time was over meanwhile has gone to the body above. */
function useGone() {
  const { t: text } = useTranslation("complaints");
  return (error: unknown) =>
    error instanceof ApiError && (error.code === "not-found" || error.code === "conflict")
      ? text("answer.gone")
      : undefined;
}
