import "./plan.css";
import type { DoorState, EventItem } from "@menshen/wire";
import { useTranslation } from "react-i18next";
import { useJustTapped } from "../live/use-just-tapped.ts";
import { middleOf } from "./middle-of.ts";
import { PlanDoor, type PlanPoint } from "./plan-door.tsx";

/** More doors than this show their names under the pointer only. */
const MOST_NAMES = 40;

/** An area as it is drawn: its outline, and how many are inside where that is counted. */
export interface PlanArea {
  readonly id: string;
  readonly name: string;
  readonly outline: readonly PlanPoint[];
  readonly count?: string;
}

/** The plan with its doors as they stand; each is a button that opens the door's sheet. */
export function PlanView(props: {
  /** Address of the picture; without one, doors stand on a plain ground where they were placed. */
  picture?: string;
  /** Lines on white, which turn in the dark; not a photograph. */
  isDrawing?: boolean;
  /** Width by height of the picture. */
  ratio: number;
  label: string;
  areas: readonly PlanArea[];
  doors: readonly (DoorState & { readonly at: PlanPoint })[];
  events: readonly EventItem[];
  selected: string | undefined;
  onOpen: (portalId: string) => void;
}) {
  const { t } = useTranslation("floorPlan");
  const lit = useJustTapped(props.events);
  const isDense = props.doors.length > MOST_NAMES;
  return (
    <section
      className={`plan${isDense ? " plan--dense" : ""}`}
      aria-label={props.label}
      style={{ aspectRatio: String(props.ratio) }}
    >
      {props.picture === undefined ? null : (
        <img
          className={`plan__picture${props.isDrawing === true ? " plan__picture--drawing" : ""}`}
          src={props.picture}
          alt={t("pictureOf", { name: props.label })}
        />
      )}
      <svg className="plan__areas" viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">
        {props.areas.map((area) => (
          <polygon key={area.id} points={area.outline.map(({ x, y }) => `${x},${y}`).join(" ")} />
        ))}
      </svg>
      {props.areas.map((area) => (
        <AreaLabel key={area.id} area={area} />
      ))}
      {props.doors.map((door) => (
        <PlanDoor
          key={door.portalId}
          door={door}
          at={door.at}
          tapped={lit.get(door.portalId)}
          isSelected={door.portalId === props.selected}
          onOpen={props.onOpen}
        />
      ))}
    </section>
  );
}

function AreaLabel({ area }: { area: PlanArea }) {
  const middle = middleOf(area.outline);
  return (
    <span className="plan__area-name" style={{ left: `${middle.x / 10}%`, top: `${middle.y / 10}%` }}>
      {area.name}
      {area.count === undefined ? null : <strong> {area.count}</strong>}
    </span>
  );
}
