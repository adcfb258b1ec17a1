import { StateShape } from "@menshen/ui";
import type { DoorState } from "@menshen/wire";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { DoorIcon } from "../live/door-icon.tsx";
import { doorSays } from "../live/door-says.ts";

/** Where a door stands on the plan, in thousandths of its width and height. */
export interface PlanPoint {
  readonly x: number;
  readonly y: number;
}

/** A door on the plan: shape and colour of its state, its name, and all of it in words for who cannot see them. */
export const PlanDoor = memo(function PlanDoor(props: {
  door: DoorState;
  at: PlanPoint;
  /** Somebody was let in or refused here just now. */
  tapped: boolean | undefined;
  isSelected: boolean;
  onOpen: (portalId: string) => void;
}) {
  const { t } = useTranslation();
  const { at, door, tapped } = props;
  const { text, tone } = doorSays(t, door);
  const lit = tapped === undefined ? "" : tapped ? " plan-door--lit-granted" : " plan-door--lit-refused";
  const edge = at.x > 850 ? " plan-door--right" : at.x < 150 ? " plan-door--left" : "";
  return (
    <button
      type="button"
      className={`plan-door plan-door--${tone}${lit}${edge}`}
      style={{ left: `${at.x / 10}%`, top: `${at.y / 10}%` }}
      aria-label={`${door.name}: ${text}`}
      aria-pressed={props.isSelected}
      title={`${door.name} · ${text}`}
      onClick={() => props.onOpen(door.portalId)}
    >
      <span className="plan-door__shape">
        {tone === "alarm" || tone === "offline" ? <StateShape tone={tone} /> : <DoorIcon door={door} />}
      </span>
      <span className="plan-door__name" aria-hidden="true">
        {door.name}
      </span>
    </button>
  );
});
