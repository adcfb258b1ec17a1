import "./texts/index.ts";
import "./lockdown.css";
import {
  type ChangeReason,
  type DoorState,
  type LockdownPlan,
  lockdownEndpoints,
  lockdownPlanEndpoints,
} from "@menshen/wire";
import { Button, Drawer, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange } from "../../api/records.tsx";
import { Empty, Failed, Loading } from "../../components/page-states.tsx";
import { QuickReason } from "../guard/quick-reason.tsx";
import { levelKey } from "./active-lockdowns.tsx";
import { MassUnlockForm } from "./mass-unlock.tsx";
import { inRankOrder } from "./plan-order.ts";

/** Where the guard starts a prepared lockdown, for real or as a drill, and asks to open many doors at once. */
export function LockdownDrawer(props: { isOpen: boolean; doors: readonly DoorState[]; onClose: () => void }) {
  const { t } = useTranslation("lockdown");
  return (
    <Drawer open={props.isOpen} onClose={props.onClose} size={520} title={t("title")} destroyOnHidden>
      <Plans onStarted={props.onClose} />
      <MassUnlockForm doors={props.doors} onAsked={props.onClose} />
    </Drawer>
  );
}

function Plans(props: { onStarted: () => void }) {
  const { t } = useTranslation("lockdown");
  const [how, setHow] = useState<"real" | "drill">("real");
  const [asked, setAsked] = useState<LockdownPlan>();
  const plans = usePaged(lockdownPlanEndpoints.list, { limit: 100 });
  const drill = how === "drill";
  const start = useChange(
    ({ planId, reason }: { planId: string; reason: ChangeReason }) =>
      call(lockdownEndpoints.start, { body: { planId, drill }, reason }),
    { onDone: props.onStarted, doneText: t(drill ? "drillStarted" : "started") },
  );
  if (plans.isPending) return <Loading />;
  if (plans.isError) return <Failed error={plans.error} onRetry={() => void plans.refetch()} />;
  if (plans.items.length === 0) return <Empty title={t("noPlans")}>{t("noPlansHelp")}</Empty>;
  return (
    <>
      <Segmented<"real" | "drill">
        block
        aria-label={t("mode")}
        value={how}
        onChange={setHow}
        options={[
          { value: "real", label: t("real") },
          { value: "drill", label: t("drill") },
        ]}
      />
      <p className="quiet">{drill ? t("drillHelp") : t("realHelp")}</p>
      <ul className="lockdown-plans lockdown-drawer-plans">
        {inRankOrder(plans.items).map((plan) => (
          <li key={plan.id}>
            <div>
              <h3>{plan.name}</h3>
              <p>{t(`level.${levelKey(plan.level)}`)}</p>
              <p className="quiet">{t("facts", { doors: plan.doorCount, minutes: plan.durationMinutes })}</p>
            </div>
            {asked?.id === plan.id ? (
              <QuickReason
                question={t("why", { name: plan.name })}
                confirm={drill ? t("startDrill") : t("start")}
                isPending={start.isPending}
                onConfirm={(reason) => start.mutate({ planId: plan.id, reason })}
                onCancel={() => setAsked(undefined)}
              />
            ) : (
              <Button
                size="large"
                type={drill ? "default" : "primary"}
                aria-label={`${drill ? t("startDrill") : t("start")}: ${plan.name}`}
                onClick={() => setAsked(plan)}
              >
                {drill ? t("startDrill") : t("start")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
