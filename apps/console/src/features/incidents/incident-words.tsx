import { INCIDENT_TEXTS } from "@menshen/domain";
import {
  INCIDENT_GRADES,
  type Incident,
  type IncidentGrade,
  type IncidentWords,
  incidentEndpoints,
  NOTICE_ITEMS,
  type NoticeItem,
} from "@menshen/wire";
import { Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { codeOf } from "../messages/message-words.tsx";
import { useOwnLanguage } from "./use-own-language.ts";

/** Parts that everybody reads once it is published. */
const PUBLIC: readonly NoticeItem[] = ["cause", "remedies"];

/** The five parts of which the statutory items are made. */
export function IncidentWordsForm(props: { incident: Incident }) {
  const { t: text } = useTranslation("incidents");
  const own = useOwnLanguage();
  const id = useId();
  const { incident } = props;
  const [grade, setGrade] = useState<IncidentGrade>(incident.grade);
  const [words, setWords] = useState<Partial<Record<NoticeItem, string>>>(() =>
    Object.fromEntries(NOTICE_ITEMS.map((item) => [item, incident[item] ?? ""])),
  );
  const save = useChange(
    (body: IncidentWords) => call(incidentEndpoints.write, { params: { id: incident.id }, body }),
    { refusedText: (error) => (codeOf(error) === "conflict" ? text("refused.told") : undefined) },
  );
  const isSent = incident.telling === "told";
  return (
    <section className="section" aria-labelledby={`${id}-words`}>
      <h2 id={`${id}-words`}>{text("words.title")}</h2>
      <p className="quiet">{text(isSent ? "words.sent" : "words.help")}</p>
      <form
        className="intake incident-words"
        onSubmit={(event) => {
          event.preventDefault();
          const said = NOTICE_ITEMS.flatMap((item) => {
            const word = words[item]?.trim() ?? "";
            return word === "" ? [] : [[item, word] as const];
          });
          save.mutate({ ...Object.fromEntries(said), ...(grade === incident.grade ? {} : { grade }) });
        }}
      >
        {NOTICE_ITEMS.map((item) => (
          <div key={item} className="form-field">
            <label htmlFor={`${id}-${item}`}>{text(`words.${item}`)}</label>
            <Input.TextArea
              id={`${id}-${item}`}
              autoSize={{ minRows: 2, maxRows: 10 }}
              maxLength={2_000}
              readOnly={isSent}
              value={words[item] ?? ""}
              {...(PUBLIC.includes(item) ? { "aria-describedby": `${id}-${item}-help` } : {})}
              onChange={(event) => setWords({ ...words, [item]: event.target.value })}
            />
            {PUBLIC.includes(item) ? (
              <p className="quiet" id={`${id}-${item}-help`}>
                {text("words.public")}
              </p>
            ) : null}
          </div>
        ))}
        <div className="form-field">
          <label htmlFor={`${id}-grade`}>{text("words.grade")}</label>
          <Select
            id={`${id}-grade`}
            value={grade}
            disabled={isSent}
            aria-describedby={`${id}-grade-help`}
            onChange={setGrade}
            options={INCIDENT_GRADES.map((value) => ({ value, label: INCIDENT_TEXTS.grade[value][own] }))}
          />
          <p className="quiet" id={`${id}-grade-help`}>
            {text("words.gradeHelp")}
          </p>
        </div>
        {isSent ? null : (
          <span>
            <Button htmlType="submit" loading={save.isPending}>
              {text("words.save")}
            </Button>
          </span>
        )}
      </form>
    </section>
  );
}
