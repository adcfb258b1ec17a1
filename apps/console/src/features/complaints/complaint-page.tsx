import { complaintNumber } from "@menshen/ui/complaints";
import { type ComplaintStep, complaintEndpoints, type HandledComplaint } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { call } from "../../api/client.ts";
import { useSignedIn } from "../../api/session.tsx";
import { useViewKey } from "../../api/view-reason.ts";
import { DayText, ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { NamesOnRequest } from "../../components/residents-data.tsx";
import { AnswerForm, HandOnForm } from "./answer-forms.tsx";
import { ClockMark } from "./complaint-line.tsx";

/** One complaint of one's own body: read it, answer it, or pass it on. */
export function ComplaintPage() {
  const { t: text } = useTranslation("complaints");
  const { id = "" } = useParams();
  const { staffId } = useSignedIn();
  const viewKey = useViewKey();
  const read = useQuery({
    queryKey: [complaintEndpoints.get.id, id, staffId, viewKey],
    queryFn: ({ signal }) => call(complaintEndpoints.get, { params: { id }, signal }),
  });
  const back = (
    <p>
      <Link to="/complaints">{text("back")}</Link>
    </p>
  );
  if (read.isPending) return <Loading />;
  if (read.isError) {
    return (
      <>
        {back}
        <Failed error={read.error} onRetry={() => void read.refetch()} />
      </>
    );
  }
  const complaint = read.data;
  const { category, kind, state, handOnTo } = complaint;
  return (
    <>
      {back}
      <PageHead
        title={text(`category.${category}`)}
        lead={`${text("number", { number: complaintNumber(id) })} · ${text(`kind.${kind}`)}`}
        action={<ClockMark complaint={complaint} />}
      />
      {complaint.cameBy === undefined ? null : <p>{text(`cameBy.${complaint.cameBy}`)}</p>}
      <h2>{text("text")}</h2>
      <p className="complaint-words">{complaint.text === "" ? text("gone") : complaint.text}</p>
      <Facts complaint={complaint} />
      {state === "open" ? <AnswerForm id={id} /> : null}
      {handOnTo.length === 0 ? null : <HandOnForm id={id} bodies={handOnTo} />}
      <section className="section" aria-labelledby="steps">
        <h2 id="steps">{text("steps")}</h2>
        <ol className="plain-list">
          {complaint.steps.map((step, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps only grow, in order
            <Step key={place} step={step} />
          ))}
        </ol>
      </section>
    </>
  );
}

function Facts(props: { complaint: HandledComplaint }) {
  const { t: text } = useTranslation("complaints");
  const { channel, receivedAt, answerBy, aboutStaff, aboutBody, writer } = props.complaint;
  return (
    <>
      <dl className="facts">
        <dt>{text("facts.received")}</dt>
        <dd>
          <ExactMoment epochMs={receivedAt} />
        </dd>
        <dt>{text("facts.due")}</dt>
        <dd>
          <DayText epochMs={answerBy - 1} />
        </dd>
        <dt>{text("facts.channel")}</dt>
        <dd>{text(`channel.${channel}`)}</dd>
        <dt>{text("facts.about")}</dt>
        <dd>{aboutStaff ?? (aboutBody === undefined ? text("aboutNobody") : text(`body.${aboutBody}`))}</dd>
        {channel === "resident" ? (
          <>
            <dt>{text("facts.writer")}</dt>
            <dd>{writer?.name ?? "…"}</dd>
          </>
        ) : null}
      </dl>
      {channel === "resident" ? (
        <NamesOnRequest text={text("name")} permission="complaints.handle" />
      ) : (
        <p className="quiet">{text("nameless")}</p>
      )}
    </>
  );
}

function Step(props: { step: ComplaintStep }) {
  const { t: text } = useTranslation("complaints");
  const { kind, cause, body, to, at, staffName } = props.step;
  const name = kind === "passed-on" ? (cause ?? "handler") : kind;
  return (
    <li>
      <span className="complaint-line">
        <span>
          {text(`step.${name}`, {
            body: text(`body.${body}`),
            to: to === undefined ? "" : text(`body.${to}`),
          })}
          {staffName === undefined ? null : <span className="quiet"> · {staffName}</span>}
        </span>
        {props.step.text === undefined ? null : <span className="complaint-words">{props.step.text}</span>}
      </span>
      <span className="quiet">
        <ExactMoment epochMs={at} />
      </span>
    </li>
  );
}
