import "./texts/index.ts";
import "./presence.css";
import { StateMark } from "@menshen/ui";
import { type AreaCount, type ChangeReason, commandEndpoints } from "@menshen/wire";
import { Button, InputNumber } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { RelativeMoment } from "../../components/moments.tsx";
import { QuickReason } from "../guard/quick-reason.tsx";
import { useCommand } from "../guard/use-command.ts";
import { useAreaCounts } from "./use-presence.ts";

const MOST_PERSONS = 100_000;

/** How many are in each area that is counted; nothing where none is. */
export function AreaCounts() {
  const { t } = useTranslation("presence");
  const areas = useAreaCounts().data?.areas ?? [];
  if (areas.length === 0) return null;
  return (
    <section className="area-counts" aria-labelledby="area-counts">
      <h2 id="area-counts">{t("counts")}</h2>
      <ul>
        {areas.map((area) => (
          <Count key={area.areaId} area={area} />
        ))}
      </ul>
    </section>
  );
}

function Count({ area }: { area: AreaCount }) {
  const { t } = useTranslation("presence");
  const may = useMay("doors.command");
  const [isCorrected, setIsCorrected] = useState(false);
  const { occupancyLimit: limit, persons } = area;
  return (
    <li>
      <span className="area-counts__line">
        <strong>{area.areaName}</strong>
        <span className="area-counts__number">
          {limit === undefined ? t("persons", { count: persons }) : t("personsOf", { count: persons, limit })}
        </span>
        {limit !== undefined && persons >= limit ? <StateMark tone="refused">{t("full")}</StateMark> : null}
        {may && !isCorrected ? (
          <Button aria-label={t("correctOf", { area: area.areaName })} onClick={() => setIsCorrected(true)}>
            {t("correct")}
          </Button>
        ) : null}
      </span>
      {area.apart ? <StateMark tone="refused">{t("apart")}</StateMark> : null}
      {area.fresh ? null : (
        <StateMark tone="offline">
          {t("stale")} <RelativeMoment epochMs={area.at} />
        </StateMark>
      )}
      {isCorrected ? <CorrectForm area={area} onClose={() => setIsCorrected(false)} /> : null}
    </li>
  );
}

function CorrectForm(props: { area: AreaCount; onClose: () => void }) {
  const { t } = useTranslation("presence");
  const id = useId();
  const { area, onClose } = props;
  const [count, setCount] = useState<number | null>(area.persons);
  const correct = useCommand(
    ({ reason, persons }: { reason: ChangeReason; persons: number }) =>
      call(commandEndpoints.setCount, { body: { areaId: area.areaId, count: persons }, reason }),
    { onDone: onClose },
  );
  return (
    <div className="area-counts__form">
      <label htmlFor={id}>{t("howMany")}</label>
      <InputNumber id={id} min={0} max={MOST_PERSONS} precision={0} value={count} onChange={setCount} />
      <QuickReason
        question={t("why")}
        confirm={t("correct")}
        isPending={correct.isPending}
        onConfirm={(reason) => correct.mutate({ reason, persons: count ?? area.persons })}
        onCancel={onClose}
      />
    </div>
  );
}
