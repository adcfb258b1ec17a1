import "../alarms/texts/index.ts";
import "../floor-plan/texts/index.ts";
import "./texts/index.ts";
import "./guard.css";
import type { EventItem } from "@menshen/wire";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../api/use-live.tsx";
import { Loading, Unreachable } from "../../components/page-states.tsx";
import { SoundSwitch } from "../alarms/sound-switch.tsx";
import { DoorDrawer } from "../live/door-drawer.tsx";
import { EventStream } from "../live/event-stream.tsx";
import { NeedsYou } from "../live/needs-you.tsx";
import { WhyDrawer } from "../why/why-drawer.tsx";
import { BreakNotice, ConnectionLine } from "./connection-line.tsx";
import { GuardDoors } from "./guard-doors.tsx";

/** The screen of the guard on duty: doors as they stand on the left; what needs somebody and what happens on the right. */
export default function GuardPage() {
  const { t } = useTranslation("guard");
  const live = useLive();
  const { overview, events } = live;
  const [doorId, setDoorId] = useState<string>();
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
      </header>
      <BreakNotice live={live} />
      <GuardDoors overview={overview} events={events} selected={doorId} onOpen={setDoorId} />
      <div className="guard__side">
        <NeedsYou overview={overview} events={events} onOpenDoor={setDoorId} />
        <EventStream events={events} onExplain={setExplained} />
      </div>
      <DoorDrawer
        door={overview.doors.find((door) => door.portalId === doorId)}
        overview={overview}
        events={events}
        onClose={() => setDoorId(undefined)}
        onExplain={setExplained}
      />
      <WhyDrawer event={explained} onClose={() => setExplained(undefined)} />
    </div>
  );
}
