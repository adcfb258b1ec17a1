import "./texts/index.ts";
import "./lockdown.css";
import { type LockdownPlan, lockdownPlanEndpoints } from "@menshen/wire";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePaged } from "../../api/paged.ts";
import { useRemoval } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, Failed, Loading } from "../../components/page-states.tsx";
import { DoorPagesNav } from "../door-rules/door-pages-nav.tsx";
import { levelKey } from "./active-lockdowns.tsx";
import { LockdownHistory } from "./lockdown-history.tsx";
import { PlanForm } from "./plan-form.tsx";
import { inRankOrder } from "./plan-order.ts";

/** Lockdowns prepared ahead, the most severe first. Removing one is undone in place of asking whether one is sure. */
export default function PlansPage() {
  const { t } = useTranslation("lockdown");
  const { t: common } = useTranslation();
  const mayWrite = useMay("doors.write");
  const [edited, setEdited] = useState<LockdownPlan | "new">();
  const plans = usePaged(lockdownPlanEndpoints.list, { limit: 100 });
  const remove = useRemoval(lockdownPlanEndpoints);
  return (
    <>
      <PageHead
        title={t("planTitle")}
        lead={t("planLead")}
        action={
          mayWrite && edited === undefined ? (
            <Button type="primary" onClick={() => setEdited("new")}>
              {t("newPlan")}
            </Button>
          ) : null
        }
      />
      <DoorPagesNav />
      {edited === "new" ? <PlanForm onClose={() => setEdited(undefined)} /> : null}
      {plans.isPending ? (
        <Loading />
      ) : plans.isError ? (
        <Failed error={plans.error} onRetry={() => void plans.refetch()} />
      ) : plans.items.length === 0 && edited === undefined ? (
        <Empty title={t("noPlans")}>{t("planLead")}</Empty>
      ) : (
        <ul className="lockdown-plans">
          {inRankOrder(plans.items).map((plan) =>
            edited !== "new" && edited?.id === plan.id ? (
              <li key={plan.id}>
                <PlanForm plan={plan} onClose={() => setEdited(undefined)} />
              </li>
            ) : (
              <li key={plan.id}>
                <h2>
                  {plan.rank}. {plan.name}
                </h2>
                <p>{t(`level.${levelKey(plan.level)}`)}</p>
                <p className="quiet">
                  {t("facts", { doors: plan.doorCount, minutes: plan.durationMinutes })}
                </p>
                {plan.instruction === undefined ? null : <p>{plan.instruction}</p>}
                {mayWrite ? (
                  <span className="actions">
                    <Button
                      aria-label={`${common("common.edit")}: ${plan.name}`}
                      onClick={() => setEdited(plan)}
                    >
                      {common("common.edit")}
                    </Button>
                    <Button
                      type="text"
                      aria-label={`${common("common.remove")}: ${plan.name}`}
                      onClick={() => remove.mutate({ id: plan.id, name: plan.name })}
                    >
                      {common("common.remove")}
                    </Button>
                  </span>
                ) : null}
              </li>
            ),
          )}
        </ul>
      )}
      <LockdownHistory />
    </>
  );
}
