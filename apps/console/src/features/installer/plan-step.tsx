import "../floor-plan/texts/index.ts";
import "../floor-plan/plan.css";
import { type FloorPlan, floorPlanEndpoints, type Installation } from "@menshen/wire";
import { Button, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { pointAt, restingPoint } from "../floor-plan/drag.ts";
import { DoorSign } from "../floor-plan/plan-canvas.tsx";
import type { PlanPoint } from "../floor-plan/plan-door.tsx";

/** Where the doors of a gate stand on the plan: choose a door, tap the spot. */
export function PlanStep(props: { installation: Installation; plans: readonly FloorPlan[] }) {
  const { t } = useTranslation("installer");
  const mayWrite = useMay("plans.write");
  const { doors } = props.installation;
  const [planId, setPlanId] = useState<string>();
  const plan = props.plans.find(({ id }) => id === planId) ?? props.plans[0];
  if (doors.length === 0) return <p className="quiet">{t("plan.doorsFirst")}</p>;
  if (plan === undefined) {
    return (
      <p className="quiet">
        {t("plan.none")} <Link to="/doors/plans">{t("plan.toPlans")}</Link>
      </p>
    );
  }
  return (
    <>
      <p className="quiet">{t("plan.help")}</p>
      {props.plans.length < 2 ? null : (
        <Segmented
          aria-label={t("plan.which")}
          value={plan.id}
          onChange={setPlanId}
          options={props.plans.map(({ id, name }) => ({ value: id, label: name }))}
        />
      )}
      <PlaceDoors doors={doors} plan={plan} mayWrite={mayWrite} />
      <p>
        <Link to="/doors/plans">{t("plan.toPlans")}</Link>
      </p>
    </>
  );
}

function PlaceDoors(props: { doors: Installation["doors"]; plan: FloorPlan; mayWrite: boolean }) {
  const { t } = useTranslation("installer");
  const { doors, mayWrite, plan } = props;
  const isOn = (portalId: string) => plan.doors.some((door) => door.portalId === portalId);
  const [chosen, setChosen] = useState<string>();
  const selected = chosen ?? doors.find(({ portalId }) => !isOn(portalId))?.portalId;
  const place = useChange(
    ({ portalId, at }: { portalId: string; at: PlanPoint }) =>
      call(floorPlanEndpoints.placeDoors, {
        params: { id: plan.id },
        body: {
          doors: [...plan.doors.filter((door) => door.portalId !== portalId), { portalId, ...at }],
          revision: plan.revision,
        },
      }),
    { onDone: () => setChosen(undefined), doneText: t("plan.placed") },
  );
  const put = (at: PlanPoint) => {
    if (selected !== undefined && !place.isPending) place.mutate({ portalId: selected, at });
  };
  return (
    <>
      <ul className="plain-list">
        {doors.map(({ name, portalId }) => (
          <li key={portalId}>
            <strong>{name}</strong>
            <span className="actions">
              <span className="quiet">{isOn(portalId) ? t("plan.isOn") : t("plan.isNotOn")}</span>
              {mayWrite ? (
                <Button
                  size="large"
                  type={selected === portalId ? "primary" : "default"}
                  aria-pressed={selected === portalId}
                  onClick={() => setChosen(portalId)}
                >
                  {isOn(portalId) ? t("plan.move") : t("plan.choose")}
                </Button>
              ) : null}
            </span>
          </li>
        ))}
      </ul>
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: the page of plans, linked below, places doors by keyboard */}
      <div
        className="plan install__plan"
        style={{ aspectRatio: String(plan.width / plan.height) }}
        onClick={(event) => {
          if (mayWrite) put(restingPoint(pointAt(event.currentTarget, event)));
        }}
      >
        <img
          className={`plan__picture${plan.type === "image/svg+xml" ? " plan__picture--drawing" : ""}`}
          src={plan.imagePath}
          alt={t("plan.picture", { name: plan.name })}
          draggable={false}
        />
        {doors.flatMap(({ name, portalId }) => {
          const at = plan.doors.find((door) => door.portalId === portalId);
          return at === undefined
            ? []
            : [
                <span
                  key={portalId}
                  className="plan-door install__plan-door"
                  style={{ left: `${at.x / 10}%`, top: `${at.y / 10}%` }}
                  aria-hidden="true"
                >
                  <span className="plan-door__shape">
                    <DoorSign />
                  </span>
                  <span className="plan-door__name">{name}</span>
                </span>,
              ];
        })}
      </div>
    </>
  );
}
