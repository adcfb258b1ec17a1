import { INCIDENT_TEXTS } from "@menshen/domain";
import { StateMark } from "@menshen/ui";
import { type ChangeReason, INCIDENT_GRADES, incidentEndpoints, type ReportSettings } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, InputNumber, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { Failed } from "../../components/page-states.tsx";
import { ReasonForm } from "../../components/reason-form.tsx";
import { useOwnLanguage } from "./use-own-language.ts";

type Item = ReportSettings["items"][number];

/** To whom incidents are reported, within how many hours, from which grade. */
export function ReportSettingsSection() {
  const { t: text } = useTranslation("incidents");
  const own = useOwnLanguage();
  const [draft, setDraft] = useState<ReportSettings>();
  const read = useQuery({
    queryKey: [incidentEndpoints.settings.id],
    queryFn: ({ signal }) => call(incidentEndpoints.settings, { signal }),
  });
  const save = useChange(
    ({ body, reason }: { body: ReportSettings; reason: ChangeReason }) =>
      call(incidentEndpoints.changeSettings, { body, reason }),
    { onDone: () => setDraft(undefined) },
  );
  const items = read.data?.items ?? [];
  return (
    <section className="section" aria-labelledby="report-settings">
      <h2 id="report-settings">{text("settings.title")}</h2>
      <p className="quiet">{text("settings.help")}</p>
      {read.isError ? <Failed error={read.error} onRetry={() => void read.refetch()} /> : null}
      {draft === undefined ? (
        <>
          <ul className="plain-list">
            {items.map(({ authority, isOn, hours, fromGrade }) => (
              <li key={authority}>
                <span>{INCIDENT_TEXTS.authority[authority][own]}</span>
                <StateMark tone={isOn ? "granted" : "quiet"}>
                  {isOn
                    ? text("settings.line", { hours, grade: INCIDENT_TEXTS.grade[fromGrade][own] })
                    : text("settings.off")}
                </StateMark>
              </li>
            ))}
          </ul>
          {read.data === undefined ? null : (
            <Button onClick={() => setDraft(read.data)}>{text("settings.change")}</Button>
          )}
        </>
      ) : (
        <>
          {draft.items.map((item) => (
            <SettingFields
              key={item.authority}
              item={item}
              onChange={(next) =>
                setDraft({
                  items: draft.items.map((one) => (one.authority === next.authority ? next : one)),
                })
              }
            />
          ))}
          <ReasonForm
            confirm={text("settings.save")}
            isPending={save.isPending}
            onConfirm={(reason) => save.mutate({ body: draft, reason })}
            onCancel={() => setDraft(undefined)}
          />
        </>
      )}
    </section>
  );
}

function SettingFields(props: { item: Item; onChange: (item: Item) => void }) {
  const { t: text } = useTranslation("incidents");
  const own = useOwnLanguage();
  const id = useId();
  const { item, onChange } = props;
  return (
    <fieldset className="form-field report-setting">
      <legend>{INCIDENT_TEXTS.authority[item.authority][own]}</legend>
      <Checkbox checked={item.isOn} onChange={({ target }) => onChange({ ...item, isOn: target.checked })}>
        {text("settings.on")}
      </Checkbox>
      <div className="intake__pair">
        <div className="form-field">
          <label htmlFor={`${id}-hours`}>{text("settings.hours")}</label>
          <InputNumber
            id={`${id}-hours`}
            min={1}
            max={720}
            precision={0}
            value={item.hours}
            onChange={(hours) => onChange({ ...item, hours: hours ?? item.hours })}
          />
        </div>
        <div className="form-field">
          <label htmlFor={`${id}-grade`}>{text("settings.fromGrade")}</label>
          <Select
            id={`${id}-grade`}
            value={item.fromGrade}
            onChange={(fromGrade) => onChange({ ...item, fromGrade })}
            options={INCIDENT_GRADES.map((value) => ({ value, label: INCIDENT_TEXTS.grade[value][own] }))}
          />
        </div>
      </div>
    </fieldset>
  );
}
