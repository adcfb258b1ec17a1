import type { ChangeReason, DoorState, EventItem, Overview } from "@menshen/wire";
import { modeEndpoints } from "@menshen/wire";
import { useMutation } from "@tanstack/react-query";
import { App, Button, Drawer } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { problemText } from "../../components/problem-text.ts";
import { ReasonForm } from "../../components/reason-form.tsx";
import { DoorStateMark } from "./door-state-mark.tsx";
import { EventRow } from "./event-row.tsx";

const DoorCommands = lazy(() => import("../guard/door-commands.tsx"));

/** One door: its state with what it rests on, its mode, and what happened there last. */
export function DoorDrawer(props: {
  door: DoorState | undefined;
  overview: Overview;
  events: readonly EventItem[];
  /** Asks at once why the door is opened. */
  asksToOpen?: boolean;
  onClose: () => void;
  onExplain: (event: EventItem) => void;
}) {
  const { t } = useTranslation();
  const { asksToOpen = false, door } = props;
  const gate = props.overview.gates.find((candidate) => candidate.id === door?.gateId);
  const events = props.events.filter((event) => event.portalId === door?.portalId).slice(0, 20);

  return (
    <Drawer open={door !== undefined} onClose={props.onClose} size={460} title={door?.name}>
      {door === undefined ? null : (
        <div className="door-sheet">
          <p className="door-sheet__state">
            <DoorStateMark door={door} />
          </p>
          <Suspense fallback={null}>
            <DoorCommands key={`${door.portalId} ${asksToOpen}`} door={door} asksToOpen={asksToOpen} />
          </Suspense>
          <dl className="facts">
            <dt>{t("door.lock")}</dt>
            <dd>{t(`door.lockState.${door.lock}`)}</dd>
            <dt>{t("door.contact")}</dt>
            <dd>{t(`door.contactState.${door.contact}`)}</dd>
            <dt>{t("door.mode")}</dt>
            <dd>{t(`door.modeOf.${door.mode}`)}</dd>
            <dt>{t("door.gate")}</dt>
            <dd>
              {gate?.name} {gate === undefined ? null : <>({t(`gate.link.${gate.link}`)})</>}
            </dd>
          </dl>
          <ModeButtons door={door} />
          <h3>{t("door.lastEvents")}</h3>
          {events.length === 0 ? <p>{t("live.nothingYet")}</p> : null}
          <ol className="stream__list">
            {events.map((event) => (
              <EventRow key={`${event.gateId}/${event.sequence}`} event={event} onExplain={props.onExplain} />
            ))}
          </ol>
          <Link to={`/events?portalId=${door.portalId}`}>{t("live.allEvents")}</Link>
        </div>
      )}
    </Drawer>
  );
}

/** Modes are desired states: setting one back is the undo. Each is recorded with its reason. */
function ModeButtons(props: { door: DoorState }) {
  const { t } = useTranslation();
  const may = useMay("modes.write");
  const { message } = App.useApp();
  const [asked, setAsked] = useState<DoorState["mode"]>();
  const setMode = useMutation({
    mutationFn: ({ mode, reason }: { mode: DoorState["mode"]; reason: ChangeReason }) =>
      call(modeEndpoints.set, { params: { portalId: props.door.portalId }, body: { mode }, reason }),
    onSuccess: () => setAsked(undefined),
    onError: (error) => void message.error(problemText(t, error)),
  });
  if (!may) return null;
  if (asked !== undefined) {
    return (
      <ReasonForm
        confirm={t(`door.setMode.${asked}`)}
        isPending={setMode.isPending}
        onCancel={() => setAsked(undefined)}
        onConfirm={(reason) => setMode.mutate({ mode: asked, reason })}
      />
    );
  }
  return (
    <fieldset className="door-sheet__modes">
      <legend className="ms-visually-hidden">{t("door.mode")}</legend>
      {(["normal", "locked", "held-open"] as const).map((mode) => (
        <Button
          key={mode}
          aria-pressed={props.door.mode === mode}
          disabled={props.door.mode === mode}
          onClick={() => setAsked(mode)}
        >
          {t(`door.setMode.${mode}`)}
        </Button>
      ))}
    </fieldset>
  );
}
