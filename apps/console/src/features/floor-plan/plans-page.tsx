import "./texts/index.ts";
import "./plan.css";
import { areaEndpoints, type FloorPlan, portalEndpoints, type RemovedPart } from "@menshen/wire";
import { Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePaged } from "../../api/paged.ts";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, Failed, Loading } from "../../components/page-states.tsx";
import { DoorPagesNav } from "../door-rules/door-pages-nav.tsx";
import { PlanEditor } from "./plan-editor.tsx";
import { UploadPlan } from "./upload-plan.tsx";
import { useFloorPlans } from "./use-floor-plans.ts";

/** Floor plans of the community: one for each floor or building that has doors. */
export default function PlansPage() {
  const { t } = useTranslation("floorPlan");
  const mayEdit = useMay("plans.write");
  const plans = useFloorPlans();
  const doors = usePaged(portalEndpoints.list, { limit: 500 });
  const areas = usePaged(areaEndpoints.list, { limit: 500 });
  const [chosen, setChosen] = useState<string>();
  const [uploaded, setUploaded] = useState<{ plan: FloorPlan; removed: readonly RemovedPart[] }>();
  const items = plans.data?.items ?? [];
  const plan = items.find(({ id }) => id === chosen) ?? items[0];
  const upload = mayEdit ? (
    <UploadPlan
      taken={items.map(({ name }) => name)}
      isPrimary={items.length === 0}
      onDone={(done) => {
        setUploaded(done);
        setChosen(done.plan.id);
      }}
    />
  ) : null;
  const failed = [plans, doors, areas].find(({ isError }) => isError);
  return (
    <>
      <PageHead title={t("title")} lead={t("lead")} action={plan === undefined ? null : upload} />
      <DoorPagesNav />
      {failed !== undefined ? (
        <Failed
          error={failed.error}
          onRetry={() => void Promise.all([plans.refetch(), doors.refetch(), areas.refetch()])}
        />
      ) : plans.isPending || doors.isPending || areas.isPending ? (
        <Loading />
      ) : plan === undefined ? (
        <Empty title={t("none")} action={upload}>
          {t("noneHelp")}
        </Empty>
      ) : (
        <>
          {items.length < 2 ? null : (
            <Segmented
              className="plan-choice"
              aria-label={t("which")}
              value={plan.id}
              onChange={setChosen}
              options={items.map(({ id, name }) => ({ value: id, label: name }))}
            />
          )}
          <PlanEditor
            key={plan.id}
            plan={plan}
            plans={items}
            doors={doors.items}
            areas={areas.items}
            mayEdit={mayEdit}
            removed={uploaded?.plan.id === plan.id ? uploaded.removed : []}
          />
        </>
      )}
    </>
  );
}
