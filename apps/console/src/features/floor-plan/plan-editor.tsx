import { type Area, type FloorPlan, floorPlanEndpoints, type Portal, type RemovedPart } from "@menshen/wire";
import { App, Button, Input } from "antd";
import { type PointerEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange, useRemoval } from "../../api/records.tsx";
import { followPointer, isOnPlan, restingPoint } from "./drag.ts";
import { PlanCanvas, type Selected } from "./plan-canvas.tsx";
import type { PlanPoint } from "./plan-door.tsx";
import { AreaShapes, DoorPlaces } from "./plan-lists.tsx";
import { RemovedParts, UploadPlan } from "./upload-plan.tsx";
import { useEditsAmongPlans } from "./use-edits-among-plans.ts";

/** One plan: doors and areas on it, moved by hand or typed in; all of it saved at once and undone as easily. */
export function PlanEditor(props: {
  plan: FloorPlan;
  plans: readonly FloorPlan[];
  doors: readonly Portal[];
  areas: readonly Area[];
  mayEdit: boolean;
  /** What was taken out when it was uploaded. */
  removed: readonly RemovedPart[];
}) {
  const { t } = useTranslation("floorPlan");
  const { t: common } = useTranslation();
  const { areas, doors, mayEdit, plan, plans } = props;
  const edits = useEditsAmongPlans(plan, plans);
  const { drawn, edit, undo } = edits;
  const canvas = useRef<HTMLDivElement>(null);
  const [selected, setSelected] = useState<Selected>();
  const [outlined, setOutlined] = useState<{ areaId: string; corners: readonly PlanPoint[] }>();
  const [arriving, setArriving] = useState<PlanPoint>();
  const [removed, setRemoved] = useState(props.removed);
  const remove = useRemoval(floorPlanEndpoints);

  const closeOutline = () => {
    if (outlined === undefined || outlined.corners.length < 3) return;
    edit({ ...drawn, areas: [...drawn.areas, { areaId: outlined.areaId, corners: [...outlined.corners] }] });
    setSelected({ kind: "area", id: outlined.areaId });
    setOutlined(undefined);
  };
  useKeys({
    undo: mayEdit ? undo : undefined,
    ...(outlined === undefined ? {} : { escape: () => setOutlined(undefined), enter: closeOutline }),
  });

  const dragIn = (event: PointerEvent, portalId: string) => {
    const { current } = canvas;
    if (current === null) return;
    followPointer(
      event,
      current,
      (_, at) => setArriving(isOnPlan(at) ? restingPoint(at) : undefined),
      (by, at) => {
        setArriving(undefined);
        if (by === undefined || !isOnPlan(at)) return;
        edit({ ...drawn, doors: [...drawn.doors, { portalId, ...restingPoint(at) }] });
        setSelected({ kind: "door", id: portalId });
      },
    );
  };
  const nameOf = (list: readonly { readonly id: string; readonly name: string }[]) => (id: string) =>
    list.find((item) => item.id === id)?.name ?? "";
  const lists = { drawn, selected, mayEdit, onSelect: setSelected, onEdit: edit };

  return (
    <div className="plan-editor">
      <div className="plan-editor__bar">
        {mayEdit ? <PlanName plan={plan} revision={edits.revision} onRenamed={edits.adopt} /> : null}
        <span className="actions">
          {mayEdit ? (
            <>
              <Button disabled={undo === undefined} onClick={undo}>
                {common("common.undo")}
              </Button>
              <UploadPlan
                plan={plan}
                revision={edits.revision}
                taken={[]}
                isPrimary={false}
                onDone={(uploaded) => {
                  edits.adopt(uploaded.plan);
                  setRemoved(uploaded.removed);
                }}
              />
              <Button onClick={() => remove.mutate({ id: plan.id, name: plan.name })}>{t("remove")}</Button>
            </>
          ) : null}
        </span>
        {mayEdit ? (
          <span className="plan-editor__state quiet" role="status">
            {t(`saving.${edits.state}`)}
            {edits.state !== "failed" ? null : (
              <button type="button" className="link-button" onClick={() => void edits.retry()}>
                {common("common.retry")}
              </button>
            )}
          </span>
        ) : null}
      </div>
      <RemovedParts removed={removed} />
      <div className="plan-editor__columns">
        <PlanCanvas
          ref={canvas}
          picture={plan.imagePath}
          isDrawing={plan.type === "image/svg+xml"}
          ratio={plan.width / plan.height}
          label={plan.name}
          drawn={drawn}
          doorName={nameOf(doors)}
          areaName={nameOf(areas)}
          selected={selected}
          onSelect={setSelected}
          onEdit={edit}
          mayEdit={mayEdit}
          outline={outlined?.corners}
          onOutline={(corners) =>
            setOutlined((before) => (before === undefined ? before : { ...before, corners }))
          }
          onClose={closeOutline}
          arriving={arriving}
        />
        <div className="plan-editor__lists">
          <DoorPlaces
            {...lists}
            doors={doors}
            otherPlan={(portalId) =>
              plans.find(
                ({ id, doors: others }) => id !== plan.id && others.some((d) => d.portalId === portalId),
              )?.name
            }
            onDragIn={dragIn}
          />
          <AreaShapes
            {...lists}
            areas={areas}
            outline={outlined?.corners}
            onBegin={(areaId) => {
              setSelected(undefined);
              setOutlined({ areaId, corners: [] });
            }}
            onOutline={(corners) =>
              setOutlined((before) => (before === undefined ? before : { ...before, corners }))
            }
            onClose={closeOutline}
            onCancel={() => setOutlined(undefined)}
          />
        </div>
      </div>
    </div>
  );
}

function PlanName(props: { plan: FloorPlan; revision: () => number; onRenamed: (plan: FloorPlan) => void }) {
  const { t } = useTranslation("floorPlan");
  const { message } = App.useApp();
  const { plan } = props;
  const [name, setName] = useState(plan.name);
  const rename = useChange(
    (next: string) =>
      call(floorPlanEndpoints.rename, {
        params: { id: plan.id },
        body: { name: next, revision: props.revision() },
      }),
    { onDone: props.onRenamed },
  );
  const leave = () => {
    const next = name.trim();
    if (next === plan.name) return;
    if (next !== "") return rename.mutate(next);
    setName(plan.name);
    void message.info(t("nameNeeded"));
  };
  return (
    <Input
      className="plan-editor__name"
      aria-label={t("name")}
      maxLength={80}
      value={name}
      onChange={(event) => setName(event.target.value)}
      onBlur={leave}
      onPressEnter={leave}
    />
  );
}

/** Ctrl Z undoes; where an area is being drawn, Enter closes it and Escape lets it be. */
function useKeys(keys: { undo?: (() => void) | undefined; escape?: () => void; enter?: () => void }): void {
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      const { target } = event;
      // Fields undo by themselves, and buttons are pressed with Enter.
      if (target instanceof HTMLInputElement) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") keys.undo?.();
      else if (event.key === "Escape") keys.escape?.();
      else if (event.key === "Enter" && !(target instanceof HTMLButtonElement)) keys.enter?.();
    };
    addEventListener("keydown", listener);
    return () => removeEventListener("keydown", listener);
  });
}
