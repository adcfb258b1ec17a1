import "./entry-names.css";
import { type EventItem, encodeEntryList, MAX_NAMES, namingEndpoints } from "@menshen/wire";
import { useMutation } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { useHeldReason, useViewKey } from "../../api/view-reason.ts";
import { problemText } from "../../components/problem-text.ts";
import { NamesOnRequest } from "../../components/residents-data.tsx";

const keyOf = ({ gateId, sequence }: Pick<EventItem, "gateId" | "sequence">) => `${gateId}/${sequence}`;

/**
 * Names of entries that the community names to its duty desk: asked for entry by entry, or for all that are shown, and
 * forgotten with the reason.
 */
export function useEntryNames() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const mayAsk = useMay("events.name");
  const held = useHeldReason();
  const viewKey = useViewKey();
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was read for one reason is not shown for another
  useEffect(() => setNames(new Map()), [viewKey]);
  const { mutate, isPending } = useMutation({
    mutationFn: (entries: readonly EventItem[]) =>
      call(namingEndpoints.names, { query: { entries: encodeEntryList(entries.slice(0, MAX_NAMES)) } }),
    onSuccess: ({ items }) =>
      setNames((known) => new Map([...known, ...items.map((one) => [keyOf(one), one.name] as const)])),
    onError: (error) => void message.error(problemText(t, error), 6),
  });
  return {
    mayAsk: mayAsk && held !== undefined,
    nameOf: (event: EventItem) => names.get(keyOf(event)),
    ask: mutate,
    isPending,
  };
}

export type EntryNames = ReturnType<typeof useEntryNames>;

/** Above a list with entries that can be named: asks why, then offers all names at once. Nothing otherwise. */
export function EntryNamesBar(props: { events: readonly EventItem[]; names: EntryNames }) {
  const { t } = useTranslation();
  const { names } = props;
  const nameable = props.events.filter((event) => event.nameable && names.nameOf(event) === undefined);
  if (!props.events.some((event) => event.nameable)) return null;
  return (
    <>
      <NamesOnRequest text={t("events.askForNames")} permission="events.name" />
      {names.mayAsk && nameable.length > 0 ? (
        <p>
          <Button loading={names.isPending} onClick={() => names.ask(nameable)}>
            {t("events.showNames", { count: Math.min(nameable.length, MAX_NAMES) })}
          </Button>
        </p>
      ) : null}
    </>
  );
}

/** The name behind one entry, or the way to it. */
export function EntryNameCell(props: { event: EventItem; names: EntryNames }) {
  const { t } = useTranslation();
  const { event, names } = props;
  const name = names.nameOf(event);
  if (name !== undefined) return <strong className="entry-name">{name}</strong>;
  if (!event.nameable || !names.mayAsk) return null;
  return (
    <button
      type="button"
      className="link-button"
      disabled={names.isPending}
      onClick={() => names.ask([event])}
    >
      {t("events.showName")}
    </button>
  );
}
