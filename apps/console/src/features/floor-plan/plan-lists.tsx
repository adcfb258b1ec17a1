import type { Area, Portal } from "@menshen/wire";
import { Button, InputNumber, Select } from "antd";
import { type PointerEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Selected } from "./plan-canvas.tsx";
import type { PlanPoint } from "./plan-door.tsx";
import type { Drawn } from "./use-plan-edits.ts";

const MIDDLE: PlanPoint = { x: 500, y: 500 };
/** What a shape that nobody drew by hand begins as. */
const RECTANGLE: readonly PlanPoint[] = [
  { x: 350, y: 350 },
  { x: 650, y: 350 },
  { x: 650, y: 650 },
  { x: 350, y: 650 },
];

interface ListProps {
  readonly drawn: Drawn;
  readonly selected: Selected;
  readonly mayEdit: boolean;
  readonly onSelect: (selected: Selected) => void;
  readonly onEdit: (next: Drawn, step?: string) => void;
}

/** Doors on this plan with their places, and those on none: all that dragging does, by keyboard. */
export function DoorPlaces(
  props: ListProps & {
    readonly doors: readonly Portal[];
    /** The plan that a door stands on, if it is another one. */
    readonly otherPlan: (portalId: string) => string | undefined;
    /** A pointer takes a door from the list. */
    readonly onDragIn: (event: PointerEvent, portalId: string) => void;
  },
) {
  const { t } = useTranslation("floorPlan");
  const { drawn, mayEdit, onEdit, selected } = props;
  const placed = new Map(drawn.doors.map((door) => [door.portalId, door]));
  const without = (id: string) => ({
    ...drawn,
    doors: drawn.doors.filter(({ portalId }) => portalId !== id),
  });
  const put = (id: string, at: PlanPoint, step?: string) =>
    onEdit({ ...without(id), doors: [...without(id).doors, { portalId: id, ...at }] }, step);
  return (
    <section aria-labelledby="plan-doors">
      <h2 id="plan-doors">{t("doors", { placed: placed.size, count: props.doors.length })}</h2>
      {mayEdit ? <p className="quiet">{t("doorsHelp")}</p> : null}
      <ul className="plain-list plan-list">
        {props.doors.map(({ id, name }) => {
          const at = placed.get(id);
          const other = props.otherPlan(id);
          const isSelected = selected?.kind === "door" && selected.id === id;
          return (
            <li key={id} className={isSelected ? "plan-list__selected" : ""}>
              {at !== undefined || !mayEdit ? null : (
                <span
                  className="plan-list__handle"
                  aria-hidden="true"
                  data-handle={id}
                  onPointerDown={(event) => props.onDragIn(event, id)}
                >
                  ⠿
                </span>
              )}
              <span className="plan-list__name">
                {name}
                {other === undefined ? null : <span className="quiet"> {t("onOther", { name: other })}</span>}
              </span>
              {at === undefined ? (
                mayEdit ? (
                  <Button
                    size="small"
                    aria-label={`${t("place")}: ${name}`}
                    onClick={() => {
                      put(id, MIDDLE);
                      props.onSelect({ kind: "door", id });
                    }}
                  >
                    {t("place")}
                  </Button>
                ) : (
                  <span className="quiet">{t("notPlaced")}</span>
                )
              ) : isSelected && mayEdit ? (
                <PlaceFields label={name} at={at} onChange={(next) => put(id, next, `door ${id}`)}>
                  <Button
                    size="small"
                    aria-label={`${t("takeOff")}: ${name}`}
                    onClick={() => onEdit(without(id))}
                  >
                    {t("takeOff")}
                  </Button>
                </PlaceFields>
              ) : (
                <button
                  type="button"
                  className="link-button"
                  aria-label={`${name}: ${t("place%", { x: at.x / 10, y: at.y / 10 })}`}
                  onClick={() => props.onSelect({ kind: "door", id })}
                >
                  {t("place%", { x: at.x / 10, y: at.y / 10 })}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** A place in percents of the plan, to be typed. */
function PlaceFields(props: {
  label: string;
  at: PlanPoint;
  onChange: (at: PlanPoint) => void;
  children?: React.ReactNode;
}) {
  const { t } = useTranslation("floorPlan");
  const { at, label, onChange } = props;
  const field = (axis: "x" | "y") => (
    <InputNumber
      size="small"
      className="plan-list__number"
      aria-label={`${label}: ${t(axis)}`}
      min={0}
      max={100}
      step={0.5}
      precision={1}
      suffix="%"
      value={at[axis] / 10}
      onChange={(value) => {
        if (value !== null) onChange({ ...at, [axis]: Math.round(value * 10) });
      }}
    />
  );
  return (
    <span className="actions">
      {field("x")}
      {field("y")}
      {props.children}
    </span>
  );
}

/** Areas on this plan with their corners, and what is needed to draw another. */
export function AreaShapes(
  props: ListProps & {
    readonly areas: readonly Area[];
    /** Corners so far, while one is being drawn. */
    readonly outline: readonly PlanPoint[] | undefined;
    readonly onBegin: (areaId: string) => void;
    readonly onOutline: (corners: readonly PlanPoint[]) => void;
    readonly onClose: () => void;
    readonly onCancel: () => void;
  },
) {
  const { t } = useTranslation("floorPlan");
  const { drawn, mayEdit, onEdit, outline, selected } = props;
  const [chosen, setChosen] = useState<string>();
  const isDrawn = (id: string) => drawn.areas.some(({ areaId }) => areaId === id);
  const free = props.areas.filter(({ id }) => !isDrawn(id));
  const next = free.find(({ id }) => id === chosen) ?? free[0];
  const name = (id: string) => props.areas.find((area) => area.id === id)?.name ?? "";
  const withCorners = (id: string, corners: PlanPoint[]) => ({
    ...drawn,
    areas: drawn.areas.map((area) => (area.areaId === id ? { ...area, corners } : area)),
  });
  return (
    <section aria-labelledby="plan-areas">
      <h2 id="plan-areas">{t("areas", { count: drawn.areas.length })}</h2>
      {!mayEdit ? null : outline !== undefined ? (
        <div className="plan-list__drawing">
          <p role="status">{t("drawing", { count: outline.length })}</p>
          <span className="actions">
            <Button type="primary" disabled={outline.length < 3} onClick={props.onClose}>
              {t("close")}
            </Button>
            <Button disabled={outline.length === 0} onClick={() => props.onOutline(outline.slice(0, -1))}>
              {t("lastCorner")}
            </Button>
            <Button onClick={props.onCancel}>{t("cancel")}</Button>
          </span>
        </div>
      ) : next === undefined ? (
        <p className="quiet">{props.areas.length === 0 ? t("noAreas") : t("allDrawn")}</p>
      ) : (
        <span className="actions">
          <Select
            aria-label={t("whichArea")}
            className="plan-list__select"
            value={next.id}
            onChange={setChosen}
            options={free.map(({ id, name: label }) => ({ value: id, label }))}
          />
          <Button onClick={() => props.onBegin(next.id)}>{t("draw")}</Button>
          <Button
            onClick={() => {
              onEdit({ ...drawn, areas: [...drawn.areas, { areaId: next.id, corners: [...RECTANGLE] }] });
              props.onSelect({ kind: "area", id: next.id });
            }}
          >
            {t("rectangle")}
          </Button>
        </span>
      )}
      <ul className="plain-list plan-list">
        {drawn.areas.map(({ areaId, corners }) => (
          <li key={areaId}>
            <button
              type="button"
              className="link-button plan-list__name"
              aria-expanded={selected?.id === areaId}
              onClick={() =>
                props.onSelect(selected?.id === areaId ? undefined : { kind: "area", id: areaId })
              }
            >
              {name(areaId)}
            </button>
            {!mayEdit ? null : (
              <Button
                size="small"
                aria-label={`${t("erase")}: ${name(areaId)}`}
                onClick={() =>
                  onEdit({ ...drawn, areas: drawn.areas.filter((area) => area.areaId !== areaId) })
                }
              >
                {t("erase")}
              </Button>
            )}
            {selected?.id !== areaId || !mayEdit ? null : (
              <ol className="plan-list__corners">
                {corners.map((corner, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a corner is known by its place in the order
                  <li key={index}>
                    <PlaceFields
                      label={t("corner", { number: index + 1 })}
                      at={corner}
                      onChange={(at) =>
                        onEdit(
                          withCorners(
                            areaId,
                            corners.map((before, place) => (place === index ? at : before)),
                          ),
                          `corner ${index}`,
                        )
                      }
                    >
                      <Button
                        size="small"
                        aria-label={t("addCornerAfter", { number: index + 1 })}
                        onClick={() => onEdit(withCorners(areaId, withMiddle(corners, index)))}
                      >
                        +
                      </Button>
                      <Button
                        size="small"
                        disabled={corners.length < 4}
                        aria-label={t("removeCorner", { number: index + 1 })}
                        onClick={() =>
                          onEdit(
                            withCorners(
                              areaId,
                              corners.filter((_, place) => place !== index),
                            ),
                          )
                        }
                      >
                        −
                      </Button>
                    </PlaceFields>
                  </li>
                ))}
              </ol>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** With a corner half way to the next one. */
function withMiddle(corners: readonly PlanPoint[], after: number): PlanPoint[] {
  const from = corners[after];
  const to = corners[(after + 1) % corners.length];
  if (from === undefined || to === undefined) return [...corners];
  const middle = { x: Math.round((from.x + to.x) / 2), y: Math.round((from.y + to.y) / 2) };
  return [...corners.slice(0, after + 1), middle, ...corners.slice(after + 1)];
}
