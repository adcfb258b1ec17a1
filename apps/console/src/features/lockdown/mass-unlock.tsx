import "./texts/index.ts";
import "../openings/openings.css";
import "./lockdown.css";
import { type ChangeReason, type DoorState, type MassUnlock, massUnlockEndpoints } from "@menshen/wire";
import { Button, InputNumber, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { QuickReason } from "../guard/quick-reason.tsx";
import { EndsByItself } from "./ends-by-itself.tsx";
import { useMassUnlocks } from "./use-lockdowns.ts";

const MOST_MINUTES = 240;
const USUAL_MINUTES = 15;

/** Asks to hold many doors open at once; another person agrees. */
export function MassUnlockForm(props: { doors: readonly DoorState[]; onAsked: () => void }) {
  const { t } = useTranslation("lockdown");
  const id = useId();
  const [portalIds, setPortalIds] = useState<string[]>([]);
  const [minutes, setMinutes] = useState(USUAL_MINUTES);
  const [isAsking, setIsAsking] = useState(false);
  const request = useChange(
    (reason: ChangeReason) => call(massUnlockEndpoints.request, { body: { portalIds, minutes }, reason }),
    { onDone: props.onAsked, doneText: t("mass.requested") },
  );
  return (
    <section className="mass-unlock" aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>{t("mass.title")}</h3>
      <p className="quiet">{t("mass.help")}</p>
      <div className="form-field">
        <label htmlFor={`${id}-doors`}>{t("doors")}</label>
        <span className="actions">
          <Button onClick={() => setPortalIds(props.doors.map(({ portalId }) => portalId))}>
            {t("mass.all", { count: props.doors.length })}
          </Button>
        </span>
        <Select
          id={`${id}-doors`}
          mode="multiple"
          value={portalIds}
          onChange={setPortalIds}
          showSearch={{ optionFilterProp: "label" }}
          options={props.doors.map((door) => ({ value: door.portalId, label: door.name }))}
        />
      </div>
      <div className="form-field">
        <label htmlFor={`${id}-minutes`}>{t("mass.minutes")}</label>
        <InputNumber
          id={`${id}-minutes`}
          min={1}
          max={MOST_MINUTES}
          precision={0}
          value={minutes}
          onChange={(value) => setMinutes(value ?? USUAL_MINUTES)}
        />
      </div>
      {isAsking ? (
        <QuickReason
          question={t("mass.why")}
          confirm={t("mass.request")}
          isPending={request.isPending}
          onConfirm={request.mutate}
          onCancel={() => setIsAsking(false)}
        />
      ) : (
        <Button disabled={portalIds.length === 0} onClick={() => setIsAsking(true)}>
          {t("mass.request")}
        </Button>
      )}
    </section>
  );
}

/** What was asked for and awaits a second person, and what stands open so. */
export function MassUnlocks() {
  return useMassUnlocks().map((unlock) => <MassUnlockItem key={unlock.id} unlock={unlock} />);
}

function MassUnlockItem({ unlock }: { unlock: MassUnlock }) {
  const { t } = useTranslation("lockdown");
  const may = useMay("modes.write");
  const [isAsking, setIsAsking] = useState(false);
  const { minutes, requestedBy, until } = unlock;
  const count = unlock.portalIds.length;
  const agree = useChange(
    (reason: ChangeReason) => call(massUnlockEndpoints.agree, { params: { id: unlock.id }, reason }),
    { onDone: () => setIsAsking(false), doneText: t("mass.agreed") },
  );
  if (until !== undefined) {
    return (
      <p className="mass-unlock__item">
        {t("mass.inForce", { count, by: requestedBy, agreedBy: unlock.agreedBy ?? "–" })}{" "}
        <EndsByItself until={until} />
      </p>
    );
  }
  if (unlock.own) return <p className="mass-unlock__item">{t("mass.mine", { count, minutes })}</p>;
  return (
    <div className="mass-unlock__item">
      <p>{t("mass.waiting", { name: requestedBy, count, minutes })}</p>
      {isAsking ? (
        <QuickReason
          question={t("mass.whyAgree")}
          confirm={t("mass.agree")}
          isPending={agree.isPending}
          onConfirm={agree.mutate}
          onCancel={() => setIsAsking(false)}
        />
      ) : !may ? null : (
        <Button type="primary" size="large" onClick={() => setIsAsking(true)}>
          {t("mass.agree")}
        </Button>
      )}
    </div>
  );
}
