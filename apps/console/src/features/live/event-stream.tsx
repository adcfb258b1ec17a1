import type { EventItem } from "@menshen/wire";
import { Button, Segmented } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMay } from "../../api/session.tsx";
import { isAlarm } from "../../components/event-text.ts";
import { isForgivable } from "../presence/is-forgivable.ts";
import { EventRow } from "./event-row.tsx";

const ForgiveAtDoor = lazy(() => import("../presence/forgive-at-door.tsx"));

type Filter = "access" | "refused" | "doors" | "all";

function passes(event: EventItem, filter: Filter): boolean {
  if (filter === "access") return event.kind === "access" || isAlarm(event);
  if (filter === "refused") return event.kind === "access" && event.granted === false;
  if (filter === "doors") return event.kind === "portal";
  return true;
}

const SHOWN = 60;

function LazyForgive({ event }: { event: EventItem }) {
  return (
    <Suspense fallback={null}>
      <ForgiveAtDoor gateId={event.gateId} sequence={event.sequence} />
    </Suspense>
  );
}

/** What happens now, newest first. Pausing freezes what is shown; what came meanwhile is counted, never dropped. */
export function EventStream(props: { events: readonly EventItem[]; onExplain: (event: EventItem) => void }) {
  const { t } = useTranslation();
  const mayForgive = useMay("doors.command");
  const [filter, setFilter] = useState<Filter>("access");
  const [frozen, setFrozen] = useState<readonly EventItem[]>();
  const shown = (frozen ?? props.events).filter((event) => passes(event, filter)).slice(0, SHOWN);
  const frozenNewest = frozen?.[0];
  const waiting =
    frozen === undefined
      ? 0
      : props.events.findIndex(
          (event) => event.gateId === frozenNewest?.gateId && event.sequence === frozenNewest.sequence,
        );

  return (
    <section className="stream" aria-labelledby="stream-now">
      <div className="stream__head">
        <h2 id="stream-now">{t("live.now")}</h2>
        <Segmented<Filter>
          aria-label={t("live.filter")}
          value={filter}
          onChange={setFilter}
          options={[
            { value: "access", label: t("live.access") },
            { value: "refused", label: t("live.refused") },
            { value: "doors", label: t("live.doorEvents") },
            { value: "all", label: t("live.all") },
          ]}
        />
        <Button
          aria-pressed={frozen !== undefined}
          onClick={() => setFrozen(frozen === undefined ? props.events : undefined)}
        >
          {frozen === undefined ? t("live.pause") : t("live.resume", { count: Math.max(0, waiting) })}
        </Button>
      </div>
      {shown.length === 0 ? <p className="needs__none">{t("live.nothingYet")}</p> : null}
      <ol className="stream__list">
        {shown.map((event) => (
          <EventRow
            key={`${event.gateId}/${event.sequence}`}
            event={event}
            onExplain={props.onExplain}
            remedy={mayForgive && isForgivable(event) ? <LazyForgive event={event} /> : null}
          />
        ))}
      </ol>
      <Link to="/events">{t("live.allEvents")}</Link>
    </section>
  );
}
