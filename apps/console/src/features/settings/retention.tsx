import "./texts/index.ts";
import {
  type ChangeReason,
  custodyEndpoints,
  LEAST_RECORD_RETENTION_DAYS,
  openingEndpoints,
  retentionEndpoints,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, InputNumber } from "antd";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { ReasonForm } from "../../components/reason-form.tsx";
import { useMomentText } from "../openings/moment-text.ts";

/** How long door entries, records and seals last, and how far the deletion went. */
export function Retention() {
  const { t } = useTranslation("retention");
  const moment = useMomentText();
  const records = useQuery({
    queryKey: [retentionEndpoints.get.id],
    queryFn: ({ signal }) => call(retentionEndpoints.get, { signal }),
  });
  const custody = useQuery({
    queryKey: [custodyEndpoints.status.id],
    queryFn: ({ signal }) => call(custodyEndpoints.status, { signal }),
  });
  const seal = useQuery({
    queryKey: [openingEndpoints.settings.id],
    queryFn: ({ signal }) => call(openingEndpoints.settings, { signal }),
  });
  const failed = [records, custody, seal].find(({ isError }) => isError);
  if (failed !== undefined) return <Failed error={failed.error} onRetry={() => void failed.refetch()} />;
  if (records.data === undefined || custody.data === undefined || seal.data === undefined) return <Loading />;
  const { entries, records: deleted, recordRetentionDays, revision } = records.data;
  const { settings } = custody.data;
  return (
    <section className="section" aria-labelledby="retention">
      <h2 id="retention">{t("title")}</h2>
      <p className="quiet">{t("lead")}</p>
      <Days
        title={t("entries.title")}
        help={t("entries.help")}
        note={entries && t("entries.deleted", { before: moment(entries.before) })}
        days={settings.retentionDays}
        min={0}
        max={30}
        save={(retentionDays, reason) =>
          call(custodyEndpoints.settings, { body: { retentionDays, revision: settings.revision }, reason })
        }
      />
      <Days
        title={t("records.title")}
        help={t("records.help")}
        note={
          deleted &&
          t("records.deleted", { before: moment(deleted.before), deletedAt: moment(deleted.deletedAt) })
        }
        days={recordRetentionDays}
        min={LEAST_RECORD_RETENTION_DAYS}
        max={3_660}
        save={(days, reason) =>
          call(retentionEndpoints.change, { body: { recordRetentionDays: days, revision }, reason })
        }
      />
      <Days
        title={t("seal.title")}
        help={t("seal.help")}
        days={seal.data.sealMaxDays}
        min={1}
        max={366}
        save={(sealMaxDays, reason) =>
          call(openingEndpoints.changeSettings, { body: { sealMaxDays }, reason })
        }
      />
    </section>
  );
}

/** One time in days, and the form that changes it. */
function Days(props: {
  title: string;
  help: string;
  note?: ReactNode;
  days: number;
  min: number;
  max: number;
  save: (days: number, reason: ChangeReason) => Promise<unknown>;
}) {
  const { t } = useTranslation("retention");
  const id = useId();
  const { title, help, note, min, max } = props;
  const [days, setDays] = useState<number>();
  const change = useChange(({ to, reason }: { to: number; reason: ChangeReason }) => props.save(to, reason), {
    onDone: () => setDays(undefined),
  });
  return (
    <section className="retention" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      <p>
        <strong>{t("days", { count: props.days })}</strong>
      </p>
      <p className="quiet">{help}</p>
      {note === undefined ? null : <p className="quiet">{note}</p>}
      {days === undefined ? (
        <Button aria-describedby={id} onClick={() => setDays(props.days)}>
          {t("change")}
        </Button>
      ) : (
        <>
          <div className="form-field">
            <label htmlFor={`${id}-days`}>{t("field", { min, max })}</label>
            <InputNumber
              id={`${id}-days`}
              min={min}
              max={max}
              precision={0}
              value={days}
              onChange={(value) => setDays(value ?? props.days)}
            />
          </div>
          <ReasonForm
            confirm={t("save")}
            isPending={change.isPending}
            onCancel={() => setDays(undefined)}
            onConfirm={(reason) => change.mutate({ to: days, reason })}
          />
        </>
      )}
    </section>
  );
}
