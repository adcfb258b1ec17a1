import type { DoorState, EventItem, Gate } from "@menshen/wire";
import { useTranslation } from "react-i18next";
import { DoorIcon } from "./door-icon.tsx";
import { DoorStateMark } from "./door-state-mark.tsx";
import { useJustTapped } from "./use-just-tapped.ts";

/** Every door as a tile: its shape, its name, its state in words. Each is a button that opens the door's sheet. */
export function DoorList(props: {
  doors: readonly DoorState[];
  gates: readonly Gate[];
  events: readonly EventItem[];
  onOpen: (portalId: string) => void;
}) {
  const { t } = useTranslation();
  const lit = useJustTapped(props.events);
  if (props.doors.length === 0) return <p>{t("live.noDoors")}</p>;
  const gateName = new Map(props.gates.map((gate) => [gate.id, gate.name]));
  return (
    <ul className="door-grid">
      {props.doors.map((door) => {
        const tapped = lit.get(door.portalId);
        const light = tapped === undefined ? "" : tapped ? " door-tile--granted" : " door-tile--refused";
        return (
          <li key={door.portalId}>
            <button
              type="button"
              className={`door-tile${light}${door.alarm === undefined ? "" : " door-tile--alarm"}`}
              onClick={() => props.onOpen(door.portalId)}
            >
              <DoorIcon door={door} />
              <span className="door-tile__text">
                <span className="door-tile__name">{door.name}</span>
                <DoorStateMark door={door} />
                <span className="door-tile__gate">{gateName.get(door.gateId)}</span>
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
