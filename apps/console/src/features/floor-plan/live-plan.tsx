import "./texts/index.ts";
import {
  type AreaCount,
  areaEndpoints,
  type DoorState,
  type EventItem,
  type FloorPlan,
  type Overview,
} from "@menshen/wire";
import { Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { usePaged } from "../../api/paged.ts";
import { useMay } from "../../api/session.tsx";
import { DoorList } from "../live/door-list.tsx";
import { useAreaCounts } from "../presence/use-presence.ts";
import type { PlanPoint } from "./plan-door.tsx";
import { PlanView } from "./plan-view.tsx";
import { useFloorPlans } from "./use-floor-plans.ts";

type Placed = DoorState & { readonly at: PlanPoint };

/** Doors of the community that stand on this plan; before there is one, doors where they were placed without it. */
function placedOn(plan: FloorPlan | undefined, doors: readonly DoorState[]): Placed[] {
  if (plan === undefined) {
    return doors.flatMap((door) => (door.position === undefined ? [] : [{ ...door, at: door.position }]));
  }
  const places = new Map(plan.doors.map(({ portalId, x, y }) => [portalId, { x, y }]));
  return doors.flatMap((door) => {
    const at = places.get(door.portalId);
    return at === undefined ? [] : [{ ...door, at }];
  });
}

/** How many are inside, of how many at most; nothing where that is old: the list of counts says since when. */
function optionalCount(area: AreaCount | undefined): { readonly count?: string } {
  if (area === undefined || !area.fresh) return {};
  const { occupancyLimit: limit, persons } = area;
  return { count: limit === undefined ? String(persons) : `${persons}/${limit}` };
}

/** Doors live on their floor plans, one plan at a time; a plan with an alarm says so. Doors on none stand below. */
export function LivePlan(props: {
  overview: Overview;
  events: readonly EventItem[];
  selected: string | undefined;
  onOpen: (portalId: string) => void;
}) {
  const { t } = useTranslation("floorPlan");
  const { events, onOpen, overview } = props;
  const mayEdit = useMay("plans.write");
  const plans = useFloorPlans();
  const areas = usePaged(areaEndpoints.list, { limit: 500 });
  const counted = useAreaCounts().data?.areas ?? [];
  const [chosen, setChosen] = useState<string>();
  const items = plans.data?.items ?? [];
  const plan = items.find(({ id }) => id === chosen) ?? items[0];
  const placed = placedOn(plan, overview.doors);
  const everywhere = new Set(
    plan === undefined
      ? placed.map(({ portalId }) => portalId)
      : items.flatMap(({ doors }) => doors.map(({ portalId }) => portalId)),
  );
  const others = overview.doors.filter(({ portalId }) => !everywhere.has(portalId));
  const isRinging = (candidate: FloorPlan) =>
    placedOn(candidate, overview.doors).some(({ alarm }) => alarm !== undefined);
  const image =
    plan === undefined ? {} : { picture: plan.imagePath, isDrawing: plan.type === "image/svg+xml" };
  return (
    <>
      {items.length < 2 || plan === undefined ? null : (
        <Segmented
          className="plan-choice"
          aria-label={t("which")}
          value={plan.id}
          onChange={setChosen}
          options={items.map((item) => ({
            value: item.id,
            label: isRinging(item) ? `▲ ${item.name}` : item.name,
          }))}
        />
      )}
      <PlanView
        {...image}
        ratio={plan === undefined ? 1.5 : plan.width / plan.height}
        label={plan?.name ?? overview.community.name}
        areas={(plan?.areas ?? []).map(({ areaId, corners }) => ({
          id: areaId,
          name: areas.items.find(({ id }) => id === areaId)?.name ?? "",
          outline: corners,
          ...optionalCount(counted.find((area) => area.areaId === areaId)),
        }))}
        doors={placed}
        events={events}
        selected={props.selected}
        onOpen={onOpen}
      />
      {plans.isError ? <p className="quiet">{t("unread")}</p> : null}
      {!plans.isSuccess || plan !== undefined || !mayEdit ? null : (
        <p className="quiet">
          {t("none")} · <Link to="/doors/plans">{t("upload")}</Link>
        </p>
      )}
      {others.length === 0 ? null : (
        <>
          <h3>{t("unplaced")}</h3>
          <DoorList doors={others} gates={overview.gates} events={events} onOpen={onOpen} />
        </>
      )}
    </>
  );
}
