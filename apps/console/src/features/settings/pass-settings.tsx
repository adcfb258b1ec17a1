import "./pass-texts/index.ts";
import "../openings/openings.css";
import { type ChangeReason, type PassSettingsChange, passSettingsEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, InputNumber } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { ReasonForm } from "../../components/reason-form.tsx";
import { LONGEST_VISIT_DAYS, visitLength, visitLengthS, wholeDays } from "./visit-length.ts";

const MOST_TOKENS_PER_DAY = 20;

/** What residents may give visitors, and the form that changes it. */
export function PassSettings() {
  const { t } = useTranslation("passSettings");
  const mayChange = useMay("rules.write");
  const [draft, setDraft] = useState<PassSettingsChange>();
  const settings = useQuery({
    queryKey: [passSettingsEndpoints.get.id],
    queryFn: ({ signal }) => call(passSettingsEndpoints.get, { signal }),
  });
  if (settings.isError) return <Failed error={settings.error} onRetry={() => void settings.refetch()} />;
  if (settings.data === undefined) return <Loading />;
  const { visitsOn, longestVisitS, tokensPerDay } = settings.data;
  const { unit, count } = visitLength(longestVisitS);
  return (
    <section className="section" aria-labelledby="pass-settings">
      <h2 id="pass-settings">{t("title")}</h2>
      <p className="quiet">{t("lead")}</p>
      {draft === undefined ? (
        <>
          <Fact title={t("visits")} help={t("visitsHelp")} value={t(visitsOn ? "on" : "off")} />
          <Fact title={t("longest")} help={t("longestHelp")} value={t(`length.${unit}`, { count })} />
          <Fact title={t("tokens")} help={t("tokensHelp")} value={t("tokenCount", { count: tokensPerDay })} />
          {mayChange ? (
            <Button aria-describedby="pass-settings" onClick={() => setDraft(settings.data)}>
              {t("change")}
            </Button>
          ) : null}
        </>
      ) : (
        <PassSettingsForm before={draft} onClose={() => setDraft(undefined)} />
      )}
    </section>
  );
}

function Fact(props: { title: string; help: string; value: string }) {
  return (
    <section className="retention">
      <h3>{props.title}</h3>
      <p>
        <strong>{props.value}</strong>
      </p>
      <p className="quiet">{props.help}</p>
    </section>
  );
}

function PassSettingsForm(props: { before: PassSettingsChange; onClose: () => void }) {
  const { t } = useTranslation("passSettings");
  const id = useId();
  const { before, onClose } = props;
  const [visitsOn, setVisitsOn] = useState(before.visitsOn);
  const [days, setDays] = useState(() => wholeDays(before.longestVisitS));
  const [tokensPerDay, setTokensPerDay] = useState(before.tokensPerDay);
  const change = useChange(
    (reason: ChangeReason) => {
      const longestVisitS = visitLengthS(days, before.longestVisitS);
      return call(passSettingsEndpoints.change, {
        body: { ...before, visitsOn, longestVisitS, tokensPerDay },
        reason,
      });
    },
    { onDone: onClose },
  );
  return (
    <div className="pass-settings">
      <div className="form-field">
        <Checkbox checked={visitsOn} onChange={(event) => setVisitsOn(event.target.checked)}>
          {t("visits")}
        </Checkbox>
        <p className="quiet">{t("visitsHelp")}</p>
      </div>
      <div className="form-field">
        <label htmlFor={`${id}-days`}>{t("longestField", { min: 1, max: LONGEST_VISIT_DAYS })}</label>
        <InputNumber
          id={`${id}-days`}
          min={1}
          max={LONGEST_VISIT_DAYS}
          precision={0}
          value={days}
          onChange={(value) => setDays(value ?? wholeDays(before.longestVisitS))}
        />
        <p className="quiet">{t("longestHelp")}</p>
      </div>
      <div className="form-field">
        <label htmlFor={`${id}-tokens`}>{t("tokensField", { max: MOST_TOKENS_PER_DAY })}</label>
        <InputNumber
          id={`${id}-tokens`}
          min={0}
          max={MOST_TOKENS_PER_DAY}
          precision={0}
          value={tokensPerDay}
          onChange={(value) => setTokensPerDay(value ?? before.tokensPerDay)}
        />
        <p className="quiet">{t("tokensHelp")}</p>
      </div>
      <ReasonForm
        confirm={t("save")}
        isPending={change.isPending}
        onCancel={onClose}
        onConfirm={(reason) => change.mutate(reason)}
      />
    </div>
  );
}
