import type { DoorState, EventItem, Overview } from "@menshen/wire";
import { Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useIsNarrow } from "../../components/use-narrow.ts";
import type { PlanPoint } from "../floor-plan/plan-door.tsx";
import { PlanView } from "../floor-plan/plan-view.tsx";
import { DoorList } from "../live/door-list.tsx";

type View = "plan" | "list";

const isPlaced = (door: DoorState): door is DoorState & { position: PlanPoint } =>
  door.position !== undefined;

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
  const placed = overview.doors.filter(isPlaced).map((door) => ({ ...door, at: door.position }));
  const others = overview.doors.filter((door) => !isPlaced(door));
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
        <>
          <PlanView
            ratio={1.5}
            label={overview.community.name}
            areas={[]}
            doors={placed}
            events={events}
            selected={props.selected}
            onOpen={onOpen}
          />
          {others.length === 0 ? null : (
            <>
              <h3>{t("unplaced")}</h3>
              <DoorList doors={others} gates={overview.gates} events={events} onOpen={onOpen} />
            </>
          )}
        </>
      )}
    </section>
  );
}
