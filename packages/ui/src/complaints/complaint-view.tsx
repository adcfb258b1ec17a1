import { useEffect, useId, useState } from "react";
import { fillText } from "../fill-text.ts";
import { StateMark, type StateTone } from "../state-mark.tsx";
import {
  type ComplaintMoments,
  complaintNumber,
  daysLeft,
  type ShownCheck,
  type ShownComplaint,
  type ShownStep,
  type ShownVerdict,
} from "./shown.ts";
import type { ComplaintTexts } from "./texts-zh-CN.ts";
import { complaintProblem, useComplaintTexts } from "./use-complaint-texts.ts";

const LOOK_EVERY_MS = 60_000;

/** Where a complaint stands and whose turn it is, in one line. */
export function ComplaintState(props: { complaint: ShownComplaint }) {
  const t = useComplaintTexts();
  const { tone, text } = stateOf(t, props.complaint, useNow());
  return <StateMark tone={tone}>{text}</StateMark>;
}

/** One complaint as its writer reads it: whose turn it is and until when, what was answered, what they make of it. */
export function ComplaintView(props: {
  complaint: ShownComplaint;
  moments: ComplaintMoments;
  /** Rejects with an error whose `code` tells why. Absent where nobody can be asked. */
  onJudge?: ((verdict: ShownVerdict, text: string | undefined) => Promise<void>) | undefined;
}) {
  const t = useComplaintTexts();
  const id = useId();
  const { complaint, moments, onJudge } = props;
  const { steps, body, verdictUntil } = complaint;
  const answer = steps.findLast((step) => step.kind === "answered");
  const rise = steps.findLast((step) => step.kind === "passed-on");
  const about = aboutText(t, complaint);
  return (
    <>
      <p>
        <ComplaintState complaint={complaint} />
      </p>
      {complaint.state === "open" ? (
        <p className="plain-quiet">{fillText(t.state.until, { day: moments.day(complaint.answerBy - 1) })}</p>
      ) : null}
      {rise?.cause === "unanswered" && rise.to === body ? (
        <p className="plain-notice">{fillText(t.rose, { from: t.body[rise.body], to: t.body[rise.to] })}</p>
      ) : null}
      {answer?.text === undefined || complaint.state === "open" ? null : (
        <section aria-labelledby={`${id}-answer`} className="complaint-answer">
          <h2 id={`${id}-answer`}>{fillText(t.view.answer, { body: t.body[answer.body] })}</h2>
          <p className="complaint-text">{answer.text}</p>
          <p className="plain-quiet">{moments.moment(answer.at)}</p>
        </section>
      )}
      {complaint.state === "answered" && verdictUntil !== undefined && onJudge !== undefined ? (
        <Judge complaint={complaint} until={moments.day(verdictUntil - 1)} onJudge={onJudge} />
      ) : null}
      <h2>{t.view.wrote}</h2>
      <p className="complaint-text">{complaint.text === "" ? t.view.gone : complaint.text}</p>
      <dl className="plain-facts">
        <dt>{t.view.number}</dt>
        <dd>{complaintNumber(complaint.id)}</dd>
        <dt>{t.form.kind}</dt>
        <dd>
          {t.kind[complaint.kind]} · {t.category[complaint.category]}
        </dd>
        {about === undefined ? null : (
          <>
            <dt>{t.view.about}</dt>
            <dd>{about}</dd>
          </>
        )}
      </dl>
      <h2>{t.view.steps}</h2>
      <ol className="plain-list">
        {steps.map((step, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps only grow, in order
          <li key={place}>
            <strong>{stepText(t, step)}</strong>{" "}
            <span className="plain-quiet">{moments.moment(step.at)}</span>
            {step.text === undefined ? null : <p className="complaint-text">{step.text}</p>}
          </li>
        ))}
      </ol>
    </>
  );
}

/** What checking one's own receipt found out. */
export function ReceiptOutcome(props: { check: ShownCheck | undefined; moments: ComplaintMoments }) {
  const t = useComplaintTexts();
  const { check, moments } = props;
  return (
    <div role="status" className="complaint-check">
      {check === undefined ? <StateMark tone="quiet">{t.check.checking}</StateMark> : null}
      {check?.genuine === false ? <StateMark tone="alarm">{t.check.forged}</StateMark> : null}
      {check?.genuine === true ? (
        <>
          <StateMark tone="granted">{t.check.genuine}</StateMark>
          {check.words === "unknown" ? null : (
            <StateMark tone={check.words === "same" ? "granted" : "alarm"}>{t.check[check.words]}</StateMark>
          )}
          <LogOutcome log={check.log} moments={moments} />
        </>
      ) : null}
    </div>
  );
}

const LOG_TONES = { "in-log": "granted", waiting: "quiet", missing: "alarm", unread: "offline" } as const;

function LogOutcome(props: {
  log: Extract<ShownCheck, { genuine: true }>["log"];
  moments: ComplaintMoments;
}) {
  const t = useComplaintTexts();
  const { log, moments } = props;
  const values =
    log.verdict === "in-log"
      ? { index: log.index }
      : log.verdict === "waiting"
        ? { when: moments.moment(log.until) }
        : {};
  return <StateMark tone={LOG_TONES[log.verdict]}>{fillText(t.check[log.verdict], values)}</StateMark>;
}

/** Days are counted anew while a page stands open. */
function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function Judge(props: {
  complaint: ShownComplaint;
  until: string;
  onJudge: (verdict: ShownVerdict, text: string | undefined) => Promise<void>;
}) {
  const t = useComplaintTexts();
  const id = useId();
  const { body, next } = props.complaint;
  const [text, setText] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const judge = async (verdict: ShownVerdict) => {
    setIsBusy(true);
    setFailure(undefined);
    try {
      await props.onJudge(verdict, text.trim() === "" ? undefined : text.trim());
    } catch (error) {
      const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
      setFailure(typeof code === "string" ? code : "other");
    }
    setIsBusy(false);
  };
  const values = { body: t.body[body], next: next === undefined ? "" : t.body[next] };
  const verdicts: readonly ShownVerdict[] = [
    "satisfied",
    "reopen",
    ...(next === undefined ? [] : (["carry-up"] as const)),
  ];
  return (
    <section aria-labelledby={`${id}-title`} className="plain-notice plain-notice--due">
      <h2 id={`${id}-title`}>{t.judge.title}</h2>
      <div className="plain-field">
        <label htmlFor={`${id}-text`}>{t.judge.text}</label>
        <textarea
          id={`${id}-text`}
          rows={2}
          maxLength={4_000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <div role="alert">{failure === undefined ? null : <p>{complaintProblem(t, failure)}</p>}</div>
      <div className="plain-actions">
        {verdicts.map((verdict) => (
          <button
            key={verdict}
            type="button"
            className="plain-button"
            disabled={isBusy}
            onClick={() => void judge(verdict)}
          >
            {isBusy ? t.judge.doing : fillText(t.judge[verdict], values)}
          </button>
        ))}
      </div>
      <p className="plain-quiet">{fillText(t.judge.until, { day: props.until })}</p>
    </section>
  );
}

function stateOf(
  t: ComplaintTexts,
  { state, body, answerBy, steps, verdictUntil }: ShownComplaint,
  now: number,
): { readonly tone: StateTone; readonly text: string } {
  const values = { body: t.body[body], days: daysLeft(answerBy, now) };
  if (state === "closed") return { tone: "granted", text: t.state.closed };
  if (state === "answered") {
    return verdictUntil === undefined
      ? { tone: "granted", text: fillText(t.state.answeredOver, values) }
      : { tone: "refused", text: fillText(t.state.answered, values) };
  }
  const isLate = now >= answerBy || steps.at(-1)?.kind === "late";
  if (isLate) return { tone: "alarm", text: fillText(t.state.late, values) };
  return { tone: "quiet", text: fillText(values.days === 0 ? t.state.openLast : t.state.open, values) };
}

function stepText(t: ComplaintTexts, { kind, cause, body, to }: ShownStep): string {
  const name = kind === "passed-on" ? (cause ?? "handler") : kind;
  return fillText(t.step[name], { body: t.body[body], to: to === undefined ? "" : t.body[to] });
}

function aboutText(t: ComplaintTexts, { aboutBody, aboutStaff }: ShownComplaint): string | undefined {
  return aboutStaff ?? (aboutBody === undefined ? undefined : t.body[aboutBody]);
}
