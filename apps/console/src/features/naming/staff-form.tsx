import { MAX_NAMED_DAYS } from "@menshen/domain";
import { type ChangeReason, namingEndpoints, type StaffNaming } from "@menshen/wire";
import { Input, InputNumber } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useSignedIn } from "../../api/session.tsx";
import { localDateTimeToEpochMs } from "../../components/local-time.ts";
import { ReasonForm } from "../../components/reason-form.tsx";

/** The decision to name members of staff who were told. */
export function StaffForm(props: { onDone: () => void }) {
  const { t: text } = useTranslation("naming");
  const { timeZone } = useSignedIn().community;
  const id = useId();
  const [days, setDays] = useState(MAX_NAMED_DAYS);
  const [from, setFrom] = useState("");
  const [notice, setNotice] = useState("");
  const decide = useChange(
    ({ reason, ...body }: StaffNaming & { reason: ChangeReason }) =>
      call(namingEndpoints.nameStaff, { body, reason }),
    { onDone: props.onDone },
  );
  const fromMs = localDateTimeToEpochMs(`${from}T00:00`, timeZone);
  return (
    <div className="intake">
      <div className="form-field">
        <label htmlFor={`${id}-notice`}>{text("staff.notice")}</label>
        <Input.TextArea
          id={`${id}-notice`}
          aria-describedby={`${id}-notice-help`}
          autoSize={{ minRows: 3 }}
          maxLength={2_000}
          value={notice}
          onChange={(event) => setNotice(event.target.value)}
        />
        <p className="quiet" id={`${id}-notice-help`}>
          {text("staff.noticeHelp")}
        </p>
      </div>
      <DaysField id={`${id}-days`} days={days} onChange={setDays} />
      <div className="form-field">
        <label htmlFor={`${id}-from`}>{text("staff.from")}</label>
        <Input
          id={`${id}-from`}
          type="date"
          aria-describedby={`${id}-from-help`}
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
        <p className="quiet" id={`${id}-from-help`}>
          {text("staff.fromHelp")}
        </p>
      </div>
      {notice.trim() === "" ? (
        <p className="quiet">{text("everyone.incomplete")}</p>
      ) : (
        <ReasonForm
          confirm={text("staff.begin")}
          isPending={decide.isPending}
          onCancel={props.onDone}
          onConfirm={(reason) =>
            decide.mutate({
              days,
              notice: notice.trim(),
              ...(fromMs === undefined ? {} : { from: fromMs }),
              reason,
            })
          }
        />
      )}
    </div>
  );
}

/** For how many days after its own a day's names can be seen. */
export function DaysField(props: { id: string; days: number; onChange: (days: number) => void }) {
  const { t: text } = useTranslation("naming");
  return (
    <div className="form-field">
      <label htmlFor={props.id}>{text("staff.days")}</label>
      <InputNumber
        id={props.id}
        aria-describedby={`${props.id}-help`}
        min={1}
        max={MAX_NAMED_DAYS}
        precision={0}
        value={props.days}
        onChange={(value) => props.onChange(value ?? 1)}
      />
      <p className="quiet" id={`${props.id}-help`}>
        {text("staff.daysHelp")}
      </p>
    </div>
  );
}
