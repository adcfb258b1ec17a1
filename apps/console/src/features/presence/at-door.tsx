import "./texts/index.ts";
import "./presence.css";
import type { AtDoorItem, EventItem } from "@menshen/wire";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "../../api/session.tsx";
import { RelativeMoment } from "../../components/moments.tsx";
import { Loading } from "../../components/page-states.tsx";
import { useReasonText } from "../../components/reason-text.ts";
import ForgiveAtDoor from "./forgive-at-door.tsx";
import { isForgivable } from "./is-forgivable.ts";
import { NotShown } from "./on-duty.tsx";
import { useAtDoor } from "./use-presence.ts";

/** Home and role of whoever was refused lately. Asked for only when somebody opens it, since that is recorded. */
export function AtDoor(props: { events: readonly EventItem[] }) {
  const { t } = useTranslation("presence");
  const may = useMay("shifts.keep");
  const [isOpen, setIsOpen] = useState(false);
  if (!may) return null;
  return (
    <section className="at-door">
      <Button aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        {isOpen ? t("atDoor.hide") : t("atDoor.show")}
      </Button>
      {isOpen ? <Lately events={props.events} /> : null}
    </section>
  );
}

function Lately(props: { events: readonly EventItem[] }) {
  const { t } = useTranslation("presence");
  const read = useAtDoor();
  if (read.isPending) return <Loading />;
  if (read.isError) return <NotShown error={read.error} onRetry={() => void read.refetch()} />;
  const { items } = read.data;
  return (
    <>
      <h3>{t("atDoor.title")}</h3>
      <p className="quiet">{items.length === 0 ? t("atDoor.nobody") : t("atDoor.help")}</p>
      <ul className="plain-list">
        {items.map((item) => (
          <Person
            key={`${item.gateId}/${item.sequence}`}
            item={item}
            event={props.events.find(
              ({ gateId, sequence }) => gateId === item.gateId && sequence === item.sequence,
            )}
          />
        ))}
      </ul>
    </>
  );
}

function Person({ event, item }: { item: AtDoorItem; event: EventItem | undefined }) {
  const { t } = useTranslation("presence");
  const { t: common } = useTranslation();
  const reasonText = useReasonText();
  const mayForgive = useMay("doors.command");
  const [reason] = event?.reasons ?? [];
  return (
    <li>
      <span>
        <strong>{item.dwellingName ?? t("muster.visitor")}</strong>
        {item.role === undefined ? "" : ` · ${common(`role.${item.role}`)}`}
        {event?.accessPointName === undefined ? "" : ` · ${event.accessPointName}`}
        {reason === undefined ? null : <span className="at-door__reason">{reasonText(reason).why}</span>}
      </span>
      <span className="quiet">
        <RelativeMoment epochMs={item.at} />
      </span>
      {mayForgive && event !== undefined && isForgivable(event) ? (
        <ForgiveAtDoor gateId={item.gateId} sequence={item.sequence} />
      ) : null}
    </li>
  );
}
