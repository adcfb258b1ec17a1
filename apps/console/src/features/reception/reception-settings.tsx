import "./texts/index.ts";
import { type ChangeReason, receptionEndpoints, type ReceptionSettings as Settings } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, InputNumber } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { ReasonForm } from "../../components/reason-form.tsx";

/** How long the reception keeps visits and how long they usually last, and the form that changes it. */
export function ReceptionSettings() {
  const { t } = useTranslation("reception");
  const { t: common } = useTranslation();
  const mayChange = useMay("reception.settings");
  const [draft, setDraft] = useState<Settings>();
  const settings = useQuery({
    queryKey: [receptionEndpoints.settings.id],
    queryFn: ({ signal }) => call(receptionEndpoints.settings, { signal }),
  });
  if (settings.isError) return <Failed error={settings.error} onRetry={() => void settings.refetch()} />;
  if (settings.data === undefined) return <Loading />;
  const { retentionDays, usualMinutes } = settings.data;
  return (
    <section className="section" aria-labelledby="reception-settings">
      <h2 id="reception-settings">{t("settings.title")}</h2>
      <p className="quiet">{t("settings.lead")}</p>
      {draft === undefined ? (
        <>
          <p>{t("settings.kept", { count: retentionDays })}</p>
          <p>{t("settings.lasts", { count: usualMinutes })}</p>
          {mayChange ? (
            <Button aria-describedby="reception-settings" onClick={() => setDraft(settings.data)}>
              {common("common.edit")}
            </Button>
          ) : null}
        </>
      ) : (
        <SettingsForm before={draft} onClose={() => setDraft(undefined)} />
      )}
    </section>
  );
}

function SettingsForm(props: { before: Settings; onClose: () => void }) {
  const { t } = useTranslation("reception");
  const { t: common } = useTranslation();
  const id = useId();
  const { before, onClose } = props;
  const [retentionDays, setRetentionDays] = useState(before.retentionDays);
  const [usualMinutes, setUsualMinutes] = useState(before.usualMinutes);
  const change = useChange(
    (reason: ChangeReason) =>
      call(receptionEndpoints.changeSettings, { body: { ...before, retentionDays, usualMinutes }, reason }),
    { onDone: onClose },
  );
  return (
    <div className="pass-settings">
      <div className="form-field">
        <label htmlFor={`${id}-days`}>{t("settings.keptField")}</label>
        <InputNumber
          id={`${id}-days`}
          min={1}
          max={30}
          precision={0}
          value={retentionDays}
          onChange={(value) => setRetentionDays(value ?? before.retentionDays)}
        />
        <p className="quiet">{t("settings.keptHelp")}</p>
      </div>
      <div className="form-field">
        <label htmlFor={`${id}-minutes`}>{t("settings.lastsField")}</label>
        <InputNumber
          id={`${id}-minutes`}
          min={15}
          max={1_440}
          precision={0}
          value={usualMinutes}
          onChange={(value) => setUsualMinutes(value ?? before.usualMinutes)}
        />
        <p className="quiet">{t("settings.lastsHelp")}</p>
      </div>
      <ReasonForm
        confirm={common("common.save")}
        isPending={change.isPending}
        onCancel={onClose}
        onConfirm={change.mutate}
      />
    </div>
  );
}
