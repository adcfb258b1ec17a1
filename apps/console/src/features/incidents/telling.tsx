import { StateMark, type StateTone } from "@menshen/ui";
import { type Incident, incidentEndpoints } from "@menshen/wire";
import { Alert, Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";

const LEAST_REASON = 20;
const STATES: Readonly<
  Record<
    Incident["telling"],
    readonly [StateTone, "telling.undecided" | "telling.told" | "telling.notNeeded"]
  >
> = {
  undecided: ["quiet", "telling.undecided"],
  told: ["granted", "telling.told"],
  "not-needed": ["refused", "telling.notNeeded"],
};

/** Whether those affected are told: by a notice, not at all for a reason in public, or by the authority's word. */
export function Telling(props: { incident: Incident; isComplete: boolean }) {
  const { t: text } = useTranslation("incidents");
  const mayHandle = useMay("incidents.handle");
  const mayOverride = useMay("incidents.override");
  const [isSkipping, setIsSkipping] = useState(false);
  const { incident, isComplete } = props;
  const { id, telling, affected, notTelling, override } = incident;
  const tell = useChange(() => call(incidentEndpoints.tell, { params: { id } }));
  const [tone, word] = STATES[telling];
  const isOpen = telling !== "told";
  return (
    <section className="section" aria-labelledby="telling">
      <h2 id="telling">{text("telling.title")}</h2>
      <StateMark tone={tone}>{text(word)}</StateMark>
      {notTelling === undefined ? null : <p>{text("telling.reason", { why: notTelling })}</p>}
      {override === undefined ? null : <p>{text("telling.overridden", { ...override })}</p>}
      {isOpen && mayHandle ? (
        <>
          {isComplete ? null : <p className="quiet">{text("telling.write")}</p>}
          <p>
            <span className="actions">
              <Button
                type="primary"
                disabled={!isComplete}
                loading={tell.isPending}
                onClick={() => tell.mutate(undefined)}
              >
                {text("telling.send", { count: affected })}
              </Button>
              {telling === "undecided" && !isSkipping ? (
                <Button onClick={() => setIsSkipping(true)}>{text("telling.skip")}</Button>
              ) : null}
            </span>
          </p>
          {isSkipping && telling === "undecided" ? (
            <SkipForm id={id} onDone={() => setIsSkipping(false)} />
          ) : null}
        </>
      ) : null}
      {isOpen && mayOverride ? <OverrideForm id={id} /> : null}
    </section>
  );
}

function SkipForm(props: { id: string; onDone: () => void }) {
  const { t } = useTranslation();
  const { t: text } = useTranslation("incidents");
  const field = useId();
  const [why, setWhy] = useState("");
  const refusedText = (error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== "invalid-request") return undefined;
    return (error.problem?.fields?.length ?? 0) > 0
      ? text("refused.personal", { fields: text("telling.why") })
      : text("refused.tooShort");
  };
  const skip = useChange(
    (said: string) => call(incidentEndpoints.skipTelling, { params: { id: props.id }, body: { why: said } }),
    { onDone: props.onDone, refusedText },
  );
  const refused = skip.error === null ? undefined : refusedText(skip.error);
  const said = why.trim();
  return (
    <form
      className="intake"
      onSubmit={(event) => {
        event.preventDefault();
        if (said.length >= LEAST_REASON) skip.mutate(said);
      }}
    >
      <div className="form-field">
        <label htmlFor={field}>{text("telling.why")}</label>
        <Input.TextArea
          id={field}
          rows={3}
          maxLength={2_000}
          value={why}
          aria-describedby={`${field}-help`}
          onChange={(event) => setWhy(event.target.value)}
        />
        <p className="quiet" id={`${field}-help`}>
          {text("telling.skipHelp")}
        </p>
      </div>
      {refused === undefined ? null : <Alert type="warning" showIcon title={refused} />}
      <span className="actions">
        <Button htmlType="submit" disabled={said.length < LEAST_REASON} loading={skip.isPending}>
          {text("telling.skipSave")}
        </Button>
        <Button onClick={props.onDone}>{t("common.cancel")}</Button>
      </span>
    </form>
  );
}

/** For the city's officers: sends at once. */
function OverrideForm(props: { id: string }) {
  const { t: text } = useTranslation("incidents");
  const field = useId();
  const [authority, setAuthority] = useState("");
  const [documentNumber, setDocumentNumber] = useState("");
  const override = useChange((body: { authority: string; documentNumber: string }) =>
    call(incidentEndpoints.override, { params: { id: props.id }, body }),
  );
  const said = { authority: authority.trim(), documentNumber: documentNumber.trim() };
  const isWhole = said.authority !== "" && said.documentNumber !== "";
  return (
    <form
      className="intake"
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole) override.mutate(said);
      }}
    >
      <h3>{text("telling.override")}</h3>
      <p className="quiet">{text("telling.overrideHelp")}</p>
      <div className="intake__pair">
        <div className="form-field">
          <label htmlFor={`${field}-authority`}>{text("telling.authority")}</label>
          <Input
            id={`${field}-authority`}
            maxLength={80}
            value={authority}
            onChange={(event) => setAuthority(event.target.value)}
          />
        </div>
        <div className="form-field">
          <label htmlFor={`${field}-number`}>{text("telling.documentNumber")}</label>
          <Input
            id={`${field}-number`}
            maxLength={80}
            value={documentNumber}
            onChange={(event) => setDocumentNumber(event.target.value)}
          />
        </div>
      </div>
      <span>
        <Button type="primary" htmlType="submit" disabled={!isWhole} loading={override.isPending}>
          {text("telling.overrideSave")}
        </Button>
      </span>
    </form>
  );
}
