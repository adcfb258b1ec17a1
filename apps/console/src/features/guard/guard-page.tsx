import "../alarms/texts/index.ts";
import "../floor-plan/texts/index.ts";
import "./texts/index.ts";
import "./guard.css";
import type { EventItem } from "@menshen/wire";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useMay } from "../../api/session.tsx";
import { useLive } from "../../api/use-live.tsx";
import { Failed, Loading, Unreachable } from "../../components/page-states.tsx";
import { AlarmList } from "../alarms/alarm-list.tsx";
import { SoundSwitch } from "../alarms/sound-switch.tsx";
import { useAlarms, useBell } from "../alarms/use-alarms.ts";
import { DoorDrawer } from "../live/door-drawer.tsx";
import { EventStream } from "../live/event-stream.tsx";
import { ActiveLockdowns } from "../lockdown/active-lockdowns.tsx";
import { LockdownDrawer } from "../lockdown/lockdown-drawer.tsx";
import { MassUnlocks } from "../lockdown/mass-unlock.tsx";
import { AreaCounts } from "../presence/area-counts.tsx";
import { AtDoor } from "../presence/at-door.tsx";
import { MusterCall } from "../presence/muster-call.tsx";
import { ShiftDrawer } from "../shifts/shift-drawer.tsx";
import { WhyDrawer } from "../why/why-drawer.tsx";
import { BreakNotice, ConnectionLine } from "./connection-line.tsx";
import { GuardDoors } from "./guard-doors.tsx";

/** The screen of the guard on duty: doors as they stand on the left; what needs somebody and what happens on the right. */
export default function GuardPage() {
  const { t } = useTranslation("guard");
  const live = useLive();
  const { overview, events } = live;
  // In the address, so that the palette can lead to a door and to the question why it is opened.
  const [search, setSearch] = useSearchParams();
  const doorId = search.get("door") ?? undefined;
  const setDoorId = (door: string | undefined) => setSearch(door === undefined ? {} : { door });
  const [isHandingOver, setIsHandingOver] = useState(false);
  const [isLockingDown, setIsLockingDown] = useState(false);
  const mayKeepShifts = useMay("shifts.keep");
  const mayKeepReception = useMay("reception.keep");
  const maySetModes = useMay("modes.write");
  const read = useAlarms();
  const alarms = read.data?.items ?? [];
  useBell(alarms);
  const [explained, setExplained] = useState<EventItem>();

  if (overview === undefined) {
    return live.connection.state === "lost" ? <Unreachable onRetry={() => location.reload()} /> : <Loading />;
  }
  return (
    <div className="guard">
      <header className="guard__bar">
        <h1>{t("title")}</h1>
        <ConnectionLine live={live} />
        <SoundSwitch />
        <span className="guard__tools">
          {maySetModes ? <Button onClick={() => setIsLockingDown(true)}>{t("lockdown")}</Button> : null}
          {mayKeepShifts ? <Button onClick={() => setIsHandingOver(true)}>{t("shift")}</Button> : null}
          {mayKeepReception ? (
            <Link className="guard__night" to="/reception">
              {t("reception")}
            </Link>
          ) : null}
          <Link className="guard__night" to="/guard/night">
            {t("night")}
          </Link>
        </span>
      </header>
      <BreakNotice live={live} />
      <div className="guard__standing">
        <MusterCall />
        <ActiveLockdowns />
        <MassUnlocks />
      </div>
      <div className="guard__doors">
        <GuardDoors overview={overview} events={events} selected={doorId} onOpen={setDoorId} />
        <AreaCounts />
      </div>
      <div className="guard__side">
        {read.isError ? (
          <Failed error={read.error} onRetry={() => void read.refetch()} />
        ) : (
          <AlarmList alarms={alarms} onOpenDoor={setDoorId} />
        )}
        <AtDoor events={events} />
        <EventStream events={events} onExplain={setExplained} />
      </div>
      <DoorDrawer
        door={overview.doors.find((door) => door.portalId === doorId)}
        asksToOpen={search.get("do") === "unlock"}
        overview={overview}
        events={events}
        onClose={() => setDoorId(undefined)}
        onExplain={setExplained}
      />
      <LockdownDrawer isOpen={isLockingDown} doors={overview.doors} onClose={() => setIsLockingDown(false)} />
      <ShiftDrawer isOpen={isHandingOver} doors={overview.doors} onClose={() => setIsHandingOver(false)} />
      <WhyDrawer event={explained} onClose={() => setExplained(undefined)} />
    </div>
  );
}
