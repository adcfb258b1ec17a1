import { CONSENT_PURPOSE_TEXTS, CONSENT_PURPOSES, NOTICE_PART_TEXTS, NOTICE_PARTS } from "@menshen/domain";
import { consentNoticeEndpoints, type NoticeDraftRecord } from "@menshen/wire";
import { Button, Input, InputNumber, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useSignedIn } from "../../api/session.tsx";
import { usePreferences } from "../../preferences.tsx";
import { draftOf, type NoticeForm, withText } from "./notice-draft.ts";

/** Writes a draft: a new one, the next version of a notice, or one that was begun. */
export function NoticeEditor(props: {
  begun: NoticeForm;
  /** Of which notice this is the next version. */
  seriesId?: string;
  draft?: NoticeDraftRecord;
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const { t: text } = useTranslation("consent");
  const { language } = usePreferences();
  const { timeZone } = useSignedIn().community;
  const id = useId();
  const [form, setForm] = useState(props.begun);
  const { seriesId, draft } = props;
  const save = useChange(
    () => {
      const written = draftOf(form, timeZone);
      return draft === undefined
        ? call(consentNoticeEndpoints.draft, {
            body: { draft: written, ...(seriesId === undefined ? {} : { seriesId }) },
          })
        : call(consentNoticeEndpoints.redraft, {
            params: { id: draft.id },
            body: { draft: written, revision: draft.revision },
          });
    },
    { onDone: props.onDone },
  );
  const line = (
    name: "controllerName" | "controllerContact" | "processorName" | "processorContact",
    label: string,
  ) => (
    <label htmlFor={`${id}-${name}`}>
      {label}
      <Input
        id={`${id}-${name}`}
        maxLength={120}
        value={form[name]}
        onChange={({ target }) => setForm({ ...form, [name]: target.value })}
      />
    </label>
  );
  return (
    <form
      className="notice-editor"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined);
      }}
    >
      <label htmlFor={`${id}-purpose`}>
        {text("field.purpose")}
        <Select
          id={`${id}-purpose`}
          value={form.purpose}
          disabled={seriesId !== undefined}
          onChange={(purpose) => setForm({ ...form, purpose })}
          options={CONSENT_PURPOSES.map((value) => ({
            value,
            label: CONSENT_PURPOSE_TEXTS[value][language === "en" ? "en" : "zh-CN"],
          }))}
        />
      </label>
      <div className="notice-texts">
        {line("controllerName", text("field.controller"))}
        {line("controllerContact", `${text("field.controller")} · ${text("field.contact")}`)}
        {line("processorName", text("field.processor"))}
        {line("processorContact", `${text("field.processor")} · ${text("field.contact")}`)}
      </div>
      <label htmlFor={`${id}-others`}>
        {text("field.subProcessors")}
        <Input.TextArea
          id={`${id}-others`}
          placeholder={text("field.subProcessorsHelp")}
          autoSize
          value={form.subProcessors}
          onChange={({ target }) => setForm({ ...form, subProcessors: target.value })}
        />
      </label>
      <div className="notice-texts">
        <label htmlFor={`${id}-ends`}>
          {text("field.endsOn")}
          <Input
            id={`${id}-ends`}
            type="date"
            value={form.endsOn}
            onChange={({ target }) => setForm({ ...form, endsOn: target.value })}
          />
        </label>
        <label htmlFor={`${id}-days`}>
          {text("field.deleteWithinDays")}
          <InputNumber
            id={`${id}-days`}
            min={0}
            max={1100}
            value={form.deleteWithinDays}
            onChange={(days) => setForm({ ...form, deleteWithinDays: days ?? 0 })}
          />
        </label>
      </div>
      {NOTICE_PARTS.map((part) => (
        <fieldset key={part} className="notice-texts">
          <legend>{NOTICE_PART_TEXTS[part][language === "en" ? "en" : "zh-CN"]}</legend>
          {(["zh-CN", "en"] as const).map((each) => (
            <label key={each} htmlFor={`${id}-${part}-${each}`}>
              {text(each === "en" ? "field.en" : "field.zh")}
              <Input.TextArea
                id={`${id}-${part}-${each}`}
                lang={each}
                maxLength={2_000}
                autoSize={{ minRows: 2 }}
                value={form.texts[part][each]}
                onChange={({ target }) =>
                  setForm({ ...form, texts: withText(form.texts, part, each, target.value) })
                }
              />
            </label>
          ))}
        </fieldset>
      ))}
      <span className="actions">
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {text("field.save")}
        </Button>
        <Button onClick={props.onDone}>{t("common.cancel")}</Button>
      </span>
    </form>
  );
}
