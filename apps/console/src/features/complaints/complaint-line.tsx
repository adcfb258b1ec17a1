import { StateMark } from "@menshen/ui";
import { complaintNumber } from "@menshen/ui/complaints";
import type { QueuedComplaint } from "@menshen/wire";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { DayText, useNow } from "../../components/moments.tsx";
import { complaintClock } from "./complaint-clock.ts";

const LOOK_EVERY_MS = 60_000;

/** One complaint of a queue: what it is about, how it came, and its clock. */
export function ComplaintLine(props: { complaint: QueuedComplaint }) {
  const { t: text } = useTranslation("complaints");
  const { complaint } = props;
  const { id, kind, category, channel, cameBy, answerBy } = complaint;
  return (
    <li>
      <span className="complaint-line">
        <Link to={`/complaints/${id}`}>
          <strong>{text(`category.${category}`)}</strong>
        </Link>
        <span className="quiet">
          {text("number", { number: complaintNumber(id) })} · {text(`kind.${kind}`)} ·{" "}
          {text(`channel.${channel}`)} · {text("facts.due")} <DayText epochMs={answerBy - 1} />
        </span>
        {cameBy === undefined ? null : <span>{text(`cameBy.${cameBy}`)}</span>}
      </span>
      <ClockMark complaint={complaint} />
    </li>
  );
}

/** How much time is left, as shape, words and colour. */
export function ClockMark(props: { complaint: QueuedComplaint }) {
  const { t: text } = useTranslation("complaints");
  const now = useNow(LOOK_EVERY_MS);
  const { name, days, tone } = complaintClock(props.complaint, now);
  return <StateMark tone={tone}>{text(`clock.${name}`, { days })}</StateMark>;
}
