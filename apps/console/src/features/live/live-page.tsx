import type { EventItem } from "@menshen/wire";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSignedIn } from "../../api/session.tsx";
import { useLive } from "../../api/use-live.tsx";
import { Loading, Unreachable } from "../../components/page-states.tsx";
import { DemoPanel } from "../demo/demo-panel.tsx";
import { WhyDrawer } from "../why/why-drawer.tsx";
import { DoorDrawer } from "./door-drawer.tsx";
import { DoorList } from "./door-list.tsx";
import { EventStream } from "./event-stream.tsx";
import { NeedsYou } from "./needs-you.tsx";

/** Doors with their state on the left; what needs a person and what happens now on the right. */
export function LivePage() {
  const { t } = useTranslation();
  const session = useSignedIn();
  const { overview, events, connection } = useLive();
  const [doorId, setDoorId] = useState<string>();
  const [explained, setExplained] = useState<EventItem>();

  if (overview === undefined) {
    return connection.state === "lost" ? <Unreachable onRetry={() => location.reload()} /> : <Loading />;
  }
  const door = overview.doors.find((candidate) => candidate.portalId === doorId);

  return (
    <div className="live">
      <h1 className="ms-visually-hidden">{t("nav.live")}</h1>
      <section className="live__doors" aria-labelledby="live-doors">
        <h2 id="live-doors">{t("live.doors", { count: overview.doors.length })}</h2>
        <DoorList doors={overview.doors} gates={overview.gates} events={events} onOpen={setDoorId} />
        {session.demo ? <DemoPanel /> : null}
      </section>
      <div className="live__side">
        <NeedsYou overview={overview} events={events} onOpenDoor={setDoorId} />
        <EventStream events={events} onExplain={setExplained} />
      </div>
      <DoorDrawer
        door={door}
        overview={overview}
        events={events}
        onClose={() => setDoorId(undefined)}
        onExplain={setExplained}
      />
      <WhyDrawer event={explained} onClose={() => setExplained(undefined)} />
    </div>
  );
}
