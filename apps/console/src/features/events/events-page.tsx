import { StateMark, type StateTone } from "@menshen/ui";
import { EVENT_KINDS, type EventItem, type EventKind, eventEndpoints, portalEndpoints } from "@menshen/wire";
import { Button, Input, Select, type TableColumnsType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { usePaged } from "../../api/paged.ts";
import { useSignedIn } from "../../api/session.tsx";
import { eventText, isAlarm } from "../../components/event-text.ts";
import { localDateTimeToEpochMs } from "../../components/local-time.ts";
import { ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { useReasonText } from "../../components/reason-text.ts";
import { WhyDrawer } from "../why/why-drawer.tsx";
import { EntryNameCell, EntryNamesBar, useEntryNames } from "./entry-names.tsx";

type Outcome = "granted" | "refused";

/** The filters stand in the address, so that a search can be sent to a colleague. */
function useFilters() {
  const [search, setSearch] = useSearchParams();
  const { timeZone } = useSignedIn().community;
  const text = (name: string) => search.get(name) ?? undefined;
  const kind = EVENT_KINDS.find((known) => known === text("kind"));
  const outcome = (["granted", "refused"] as const).find((known) => known === text("outcome"));
  const from = localDateTimeToEpochMs(text("from") ?? "", timeZone);
  const until = localDateTimeToEpochMs(text("until") ?? "", timeZone);
  const portalId = text("portalId");
  return {
    raw: { from: text("from") ?? "", until: text("until") ?? "" },
    query: {
      limit: 100,
      ...(portalId === undefined ? {} : { portalId }),
      ...(kind === undefined ? {} : { kind }),
      ...(outcome === undefined ? {} : { outcome }),
      ...(from === undefined ? {} : { from }),
      ...(until === undefined ? {} : { until }),
    },
    isFiltered: search.size > 0,
    set: (name: string, value: string | undefined) =>
      setSearch(
        (known) => {
          const next = new URLSearchParams(known);
          if (value === undefined || value === "") next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: true },
      ),
    clear: () => setSearch({}, { replace: true }),
  };
}

export default function EventsPage() {
  const { t } = useTranslation();
  const filters = useFilters();
  const reasonText = useReasonText();
  const [explained, setExplained] = useState<EventItem>();
  const portals = usePaged(portalEndpoints.list, { limit: 500 });
  const events = usePaged(eventEndpoints.list, filters.query);
  const names = useEntryNames();
  const hasNames = events.items.some((event) => event.nameable);

  const columns: TableColumnsType<EventItem> = [
    { key: "at", title: t("events.at"), render: (_, event) => <ExactMoment epochMs={event.earliestAt} /> },
    {
      key: "what",
      title: t("events.what"),
      render: (_, event) => <StateMark tone={toneOf(event)}>{eventText(t, event)}</StateMark>,
    },
    {
      key: "where",
      title: t("events.where"),
      render: (_, event) => (
        <>
          {event.accessPointName ?? event.portalName ?? event.readerName ?? event.gateName}
          <FreedFloors event={event} />
        </>
      ),
    },
    ...(hasNames
      ? [
          {
            key: "who",
            title: t("events.who"),
            render: (_: unknown, event: EventItem) => <EntryNameCell event={event} names={names} />,
          },
        ]
      : []),
    {
      key: "means",
      title: t("events.means"),
      render: (_, event) =>
        event.credentialKind === undefined ? null : (
          <>
            {t(`credentialKind.${event.credentialKind}`)} {event.grade ?? ""}{" "}
            {event.downgraded === true ? <StateMark tone="alarm">{t("event.downgraded")}</StateMark> : null}
            {event.counterMark === undefined ? null : (
              <StateMark tone={event.counterMark === "torn" ? "quiet" : "alarm"}>
                {t(`event.counterMark.${event.counterMark}`)}
              </StateMark>
            )}
          </>
        ),
    },
    {
      key: "why",
      title: t("events.why"),
      render: (_, event) => {
        const reason = event.reasons?.[0];
        if (event.kind !== "access") return null;
        return (
          <>
            {reason === undefined ? null : reasonText(reason).why}{" "}
            <button type="button" className="link-button" onClick={() => setExplained(event)}>
              {t("why.ask")}
            </button>
          </>
        );
      },
    },
  ];

  return (
    <>
      <PageHead title={t("nav.events")} lead={t("events.lead")} />
      <search className="filters">
        <Select
          aria-label={t("events.where")}
          placeholder={t("events.anyDoor")}
          allowClear
          showSearch={{ optionFilterProp: "label" }}
          value={filters.query.portalId ?? null}
          onChange={(value?: string) => filters.set("portalId", value)}
          options={portals.items.map((portal) => ({ value: portal.id, label: portal.name }))}
        />
        <Select<EventKind>
          aria-label={t("events.kind")}
          placeholder={t("events.anyKind")}
          allowClear
          value={filters.query.kind ?? null}
          onChange={(value?: EventKind) => filters.set("kind", value)}
          options={EVENT_KINDS.map((kind) => ({ value: kind, label: t(`events.kindOf.${kind}`) }))}
        />
        <Select<Outcome>
          aria-label={t("events.outcome")}
          placeholder={t("events.anyOutcome")}
          allowClear
          value={filters.query.outcome ?? null}
          onChange={(value?: Outcome) => filters.set("outcome", value)}
          options={(["granted", "refused"] as const).map((value) => ({ value, label: t(`event.${value}`) }))}
        />
        <label htmlFor="events-from">
          {t("common.from")}
          <Input
            id="events-from"
            type="datetime-local"
            value={filters.raw.from}
            onChange={(event) => filters.set("from", event.target.value)}
          />
        </label>
        <label htmlFor="events-until">
          {t("common.until")}
          <Input
            id="events-until"
            type="datetime-local"
            value={filters.raw.until}
            onChange={(event) => filters.set("until", event.target.value)}
          />
        </label>
        {filters.isFiltered ? <Button onClick={filters.clear}>{t("events.clear")}</Button> : null}
      </search>
      <EntryNamesBar events={events.items} names={names} />
      <PagedTable
        read={events}
        label={t("nav.events")}
        rowKey={(event) => `${event.gateId}/${event.sequence}`}
        columns={columns}
        empty={<Empty title={filters.isFiltered ? t("events.nothingFound") : t("live.nothingYet")} />}
      />
      <WhyDrawer event={explained} onClose={() => setExplained(undefined)} />
    </>
  );
}

function toneOf(event: EventItem): StateTone {
  if (event.granted !== undefined) return event.granted ? "granted" : "refused";
  return isAlarm(event) ? "alarm" : "quiet";
}

/** Of a lift: where its buttons were freed to. Floors that few may go to are counted, not named. */
function FreedFloors({ event: { floorNames = [], otherFloors } }: { event: EventItem }) {
  const { t } = useTranslation();
  if (floorNames.length === 0 && otherFloors === undefined) return null;
  const named = floorNames.length === 0 ? [] : [floorNames.join(t("common.comma"))];
  const others = otherFloors === undefined ? [] : [t("event.otherFloors", { count: otherFloors })];
  return <p className="quiet">{t("event.floors", { names: [...named, ...others].join(" ") })}</p>;
}
