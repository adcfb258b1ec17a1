import { type ChangeReason, type NamingMotion, namingEndpoints } from "@menshen/wire";
import { Alert, Button, Input } from "antd";
import { useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useSignedIn } from "../../api/session.tsx";
import { ReasonForm } from "../../components/reason-form.tsx";
import { type Count, EMPTY_MOTION, type MotionDraft, motionOf, voteOf } from "./motion-draft.ts";
import { DaysField } from "./staff-form.tsx";

/** A motion that the owners passed, as it stands in the minutes. */
export function MotionForm(props: { onDone: () => void }) {
  const { t } = useTranslation();
  const { t: text } = useTranslation("naming");
  const { timeZone } = useSignedIn().community;
  const id = useId();
  const [draft, setDraft] = useState(EMPTY_MOTION);
  const change = (changes: Partial<MotionDraft>) => setDraft((before) => ({ ...before, ...changes }));
  const record = useChange(
    ({ reason, ...body }: NamingMotion & { reason: ChangeReason }) =>
      call(namingEndpoints.recordMotion, { body, reason }),
    { onDone: props.onDone },
  );
  const motion = motionOf(draft, timeZone);
  const line = (name: "title" | "documentNumber", label: string) => (
    <div className="form-field">
      <label htmlFor={`${id}-${name}`}>{label}</label>
      <Input
        id={`${id}-${name}`}
        maxLength={80}
        value={draft[name]}
        onChange={(event) => change({ [name]: event.target.value })}
      />
    </div>
  );
  const day = (name: "votedOn" | "from" | "lastDay", label: string, help = "") => (
    <div className="form-field">
      <label htmlFor={`${id}-${name}`}>{label}</label>
      <Input
        id={`${id}-${name}`}
        type="date"
        aria-describedby={`${id}-${name}-help`}
        value={draft[name]}
        onChange={(event) => change({ [name]: event.target.value })}
      />
      <p className="quiet" id={`${id}-${name}-help`}>
        {help}
      </p>
    </div>
  );
  return (
    <div className="intake">
      <div className="intake__pair">
        {line("title", text("everyone.motionTitle"))}
        {line("documentNumber", text("everyone.documentNumber"))}
      </div>
      <div className="intake__pair">
        <MinutesField sha256={draft.minutesSha256} onChange={(minutesSha256) => change({ minutesSha256 })} />
        {day("votedOn", text("everyone.votedOn"))}
      </div>
      <Counts
        legend={text("everyone.heads")}
        total={text("everyone.total")}
        values={draft.heads}
        onChange={(heads) => change({ heads })}
      />
      <Counts
        legend={text("everyone.area")}
        total={text("everyone.totalArea")}
        values={draft.area}
        onChange={(area) => change({ area })}
      />
      <Outcome draft={draft} />
      <div className="intake__pair">
        {day("from", text("everyone.from"), text("everyone.fromHelp"))}
        {day("lastDay", text("everyone.until"))}
      </div>
      <DaysField id={`${id}-days`} days={draft.days} onChange={(days) => change({ days })} />
      {motion === undefined ? (
        <>
          <p className="quiet">{text("everyone.incomplete")}</p>
          <span className="actions">
            <Button onClick={props.onDone}>{t("common.cancel")}</Button>
          </span>
        </>
      ) : (
        <ReasonForm
          confirm={text("everyone.record")}
          isPending={record.isPending}
          onCancel={props.onDone}
          onConfirm={(reason) => record.mutate({ ...motion, reason })}
        />
      )}
    </div>
  );
}

/** The file with the minutes: only its fingerprint leaves this browser. */
function MinutesField(props: { sha256: string; onChange: (sha256: string) => void }) {
  const { t: text } = useTranslation("naming");
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const choose = async (file: File | undefined) => {
    if (file === undefined) return;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    props.onChange(Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""));
  };
  return (
    <div className="form-field">
      <label htmlFor={id}>{text("everyone.minutes")}</label>
      <span className="document-field">
        <input
          id={id}
          ref={input}
          type="file"
          className="ms-visually-hidden"
          aria-describedby={`${id}-help`}
          onChange={(event) => void choose(event.target.files?.[0])}
        />
        <Button aria-hidden="true" tabIndex={-1} onClick={() => input.current?.click()}>
          {text("everyone.chooseFile")}
        </Button>
        <span role="status">
          {props.sha256 === "" ? null : (
            <span className="fingerprint" title={props.sha256}>
              ✓ {text("fingerprint")} {props.sha256}
            </span>
          )}
        </span>
      </span>
      <p className="quiet" id={`${id}-help`}>
        {text("everyone.minutesHelp")}
      </p>
    </div>
  );
}

function Counts(props: {
  legend: string;
  total: string;
  values: Readonly<Record<Count, string>>;
  onChange: (values: Readonly<Record<Count, string>>) => void;
}) {
  const { t: text } = useTranslation("naming");
  const id = useId();
  const { values, onChange } = props;
  const field = (count: Count, label: string) => (
    <div className="form-field">
      <label htmlFor={`${id}-${count}`}>{label}</label>
      <Input
        id={`${id}-${count}`}
        inputMode="decimal"
        maxLength={20}
        value={values[count]}
        onChange={(event) => onChange({ ...values, [count]: event.target.value })}
      />
    </div>
  );
  return (
    <fieldset className="form-field">
      <legend>{props.legend}</legend>
      <div className="naming-counts">
        {field("total", props.total)}
        {field("voted", text("everyone.voted"))}
        {field("inFavour", text("everyone.inFavour"))}
      </div>
    </fieldset>
  );
}

function Outcome(props: { draft: MotionDraft }) {
  const { t: text } = useTranslation("naming");
  const { t } = useTranslation();
  const counted = voteOf(props.draft);
  if (counted === undefined) return null;
  const { shortfalls } = counted;
  if (shortfalls.length === 0) return <Alert type="success" showIcon title={text("everyone.passed")} />;
  return (
    <Alert
      type="warning"
      showIcon
      title={shortfalls
        .map(
          ({ measure, lacks }) =>
            `${text(`everyone.measure.${measure}`)}: ${text(`everyone.lacks.${lacks}`)}`,
        )
        .join(t("common.semicolon"))}
    />
  );
}
