import type { EventItem, Overview } from "@menshen/wire";
import { Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useIsNarrow } from "../../components/use-narrow.ts";
import { LivePlan } from "../floor-plan/live-plan.tsx";
import { DoorList } from "../live/door-list.tsx";

type View = "plan" | "list";

/** The doors on the plan, or as a list that shows and does the same; a telephone begins with the list. */
export function GuardDoors(props: {
  overview: Overview;
  events: readonly EventItem[];
  selected: string | undefined;
  onOpen: (portalId: string) => void;
}) {
  const { t } = useTranslation("guard");
  const { events, onOpen, overview } = props;
  const isNarrow = useIsNarrow();
  const [chosen, setChosen] = useState<View>();
  const view = chosen ?? (isNarrow ? "list" : "plan");
  return (
    <section aria-labelledby="guard-doors">
      <div className="guard__doors-head">
        <h2 id="guard-doors">{t("doors", { count: overview.doors.length })}</h2>
        <Segmented<View>
          aria-label={t("view")}
          value={view}
          onChange={setChosen}
          options={[
            { value: "plan", label: t("plan") },
            { value: "list", label: t("list") },
          ]}
        />
      </div>
      {view === "list" ? (
        <DoorList doors={overview.doors} gates={overview.gates} events={events} onOpen={onOpen} />
      ) : (
        <LivePlan overview={overview} events={events} selected={props.selected} onOpen={onOpen} />
      )}
    </section>
  );
}
