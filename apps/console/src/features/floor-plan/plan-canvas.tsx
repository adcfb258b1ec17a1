import { type KeyboardEvent, type PointerEvent, type Ref, useState } from "react";
import { useTranslation } from "react-i18next";
import { arrowStep, followPointer, pointAt, restingPoint, shifted, shiftedAll } from "./drag.ts";
import { middleOf } from "./middle-of.ts";
import type { PlanPoint } from "./plan-door.tsx";
import type { Drawn } from "./use-plan-edits.ts";

/** What is selected, by its kind. */
export type Selected = { readonly kind: "door" | "area"; readonly id: string } | undefined;

const percent = (thousandths: number) => `${thousandths / 10}%`;
const placeOf = ({ x, y }: PlanPoint) => ({ left: percent(x), top: percent(y) });
const written = (corners: readonly PlanPoint[]) => corners.map(({ x, y }) => `${x},${y}`).join(" ");

/** The plan as it is worked on: doors and corners are dragged, or moved with the arrow keys. */
export function PlanCanvas({
  ref,
  ...props
}: {
  ref: Ref<HTMLDivElement>;
  picture: string;
  isDrawing: boolean;
  ratio: number;
  label: string;
  drawn: Drawn;
  doorName: (id: string) => string;
  areaName: (id: string) => string;
  selected: Selected;
  onSelect: (selected: Selected) => void;
  /** `step` names what belongs to one undoing. */
  onEdit: (next: Drawn, step?: string) => void;
  mayEdit: boolean;
  /** Corners of an area that is being drawn; clicks add to them. */
  outline: readonly PlanPoint[] | undefined;
  onOutline: (corners: readonly PlanPoint[]) => void;
  onClose: () => void;
  /** A door on its way from the list. */
  arriving: PlanPoint | undefined;
}) {
  const { t } = useTranslation("floorPlan");
  const { doorName, areaName, drawn, mayEdit, onEdit, onSelect, outline, selected } = props;
  /** What is being dragged, as it is shown meanwhile; saved when it is put down. */
  const [dragged, setDragged] = useState<Drawn>();
  const shown = dragged ?? drawn;

  const drag = (event: PointerEvent, moved: (by: PlanPoint) => Drawn) => {
    const plan = event.currentTarget.closest(".plan");
    if (!mayEdit || plan === null || outline !== undefined) return;
    event.stopPropagation();
    followPointer(
      event,
      plan,
      (by) => setDragged(moved(by)),
      (by) => {
        setDragged(undefined);
        if (by !== undefined) onEdit(moved(by));
      },
    );
  };
  const arrows = (event: KeyboardEvent, step: string, moved: (by: PlanPoint) => Drawn) => {
    const by = arrowStep(event.key, event.shiftKey);
    if (by === undefined || !mayEdit) return;
    event.preventDefault();
    onEdit(moved(by), step);
  };
  const withDoor = (id: string) => (by: PlanPoint) => ({
    ...drawn,
    doors: drawn.doors.map((door) =>
      door.portalId === id ? { ...door, ...restingPoint(shifted(door, by)) } : door,
    ),
  });
  const withArea = (id: string) => (by: PlanPoint) => ({
    ...drawn,
    areas: drawn.areas.map((area) =>
      area.areaId === id ? { ...area, corners: shiftedAll(area.corners, by) } : area,
    ),
  });
  const withCorner = (id: string, index: number) => (by: PlanPoint) => ({
    ...drawn,
    areas: drawn.areas.map((area) =>
      area.areaId === id
        ? {
            ...area,
            corners: area.corners.map((corner, at) =>
              at === index ? restingPoint(shifted(corner, by)) : corner,
            ),
          }
        : area,
    ),
  });
  const area =
    selected?.kind === "area" ? shown.areas.find(({ areaId }) => areaId === selected.id) : undefined;

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: the list beside it adds corners by keyboard
    <div
      ref={ref}
      className={`plan plan-edit${outline === undefined ? "" : " plan-edit--drawing"}`}
      style={{ aspectRatio: String(props.ratio) }}
      onClick={(event) => {
        if (outline === undefined) return;
        props.onOutline([...outline, restingPoint(pointAt(event.currentTarget, event))]);
      }}
    >
      <img
        className={`plan__picture${props.isDrawing ? " plan__picture--drawing" : ""}`}
        src={props.picture}
        alt={t("pictureOf", { name: props.label })}
        draggable={false}
      />
      <svg className="plan__areas" viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">
        {shown.areas.map(({ areaId, corners }) => (
          <polygon
            key={areaId}
            className={area?.areaId === areaId ? "plan-edit__area--selected" : "plan-edit__area"}
            points={written(corners)}
            onPointerDown={(event) => {
              if (outline === undefined) onSelect({ kind: "area", id: areaId });
              drag(event, withArea(areaId));
            }}
          />
        ))}
        {outline === undefined ? null : <polyline className="plan-edit__outline" points={written(outline)} />}
      </svg>
      {shown.areas.map(({ areaId, corners }) => (
        <button
          key={areaId}
          type="button"
          className="plan__area-name plan-edit__area-name"
          style={placeOf(middleOf(corners))}
          aria-pressed={area?.areaId === areaId}
          onClick={() => onSelect({ kind: "area", id: areaId })}
          onPointerDown={(event) => drag(event, withArea(areaId))}
          onKeyDown={(event) => arrows(event, `area ${areaId}`, withArea(areaId))}
        >
          {areaName(areaId)}
        </button>
      ))}
      {outline !== undefined || area === undefined || !mayEdit
        ? null
        : area.corners.map((corner, index) => (
            <button
              // biome-ignore lint/suspicious/noArrayIndexKey: a corner is known by its place in the order
              key={index}
              type="button"
              className="plan-edit__corner"
              style={placeOf(corner)}
              aria-label={t("cornerAt", { number: index + 1, x: corner.x / 10, y: corner.y / 10 })}
              onPointerDown={(event) => drag(event, withCorner(area.areaId, index))}
              onKeyDown={(event) => arrows(event, `corner ${index}`, withCorner(area.areaId, index))}
            />
          ))}
      {outline?.map((corner, index) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: a corner is known by its place in the order
          key={index}
          type="button"
          className={`plan-edit__corner${index === 0 && outline.length > 2 ? " plan-edit__corner--close" : ""}`}
          style={placeOf(corner)}
          aria-label={
            index === 0 && outline.length > 2
              ? t("close")
              : t("cornerAt", { number: index + 1, x: corner.x / 10, y: corner.y / 10 })
          }
          onClick={(event) => {
            event.stopPropagation();
            if (index === 0 && outline.length > 2) props.onClose();
          }}
        />
      ))}
      {shown.doors.map((door) => (
        <button
          key={door.portalId}
          type="button"
          className={`plan-door plan-edit__door${door.x > 850 ? " plan-door--right" : door.x < 150 ? " plan-door--left" : ""}`}
          style={placeOf(door)}
          aria-label={t("doorAt", { name: doorName(door.portalId), x: door.x / 10, y: door.y / 10 })}
          aria-pressed={selected?.kind === "door" && selected.id === door.portalId}
          data-door={door.portalId}
          onClick={() => onSelect({ kind: "door", id: door.portalId })}
          onPointerDown={(event) => drag(event, withDoor(door.portalId))}
          onKeyDown={(event) => arrows(event, `door ${door.portalId}`, withDoor(door.portalId))}
        >
          <span className="plan-door__shape" aria-hidden="true">
            <DoorSign />
          </span>
          <span className="plan-door__name" aria-hidden="true">
            {doorName(door.portalId)}
          </span>
        </button>
      ))}
      {props.arriving === undefined ? null : (
        <span className="plan-door plan-edit__arriving" style={placeOf(props.arriving)} aria-hidden="true">
          <span className="plan-door__shape">
            <DoorSign />
          </span>
        </span>
      )}
    </div>
  );
}

export function DoorSign() {
  return (
    <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
      <path d="M5 18V2h10v16M2 18h16M12 10v1" fill="none" stroke="currentColor" strokeWidth="2" />
    </svg>
  );
}
