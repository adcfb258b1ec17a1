import type { SignedCheckpoint } from "@menshen/evidence";
import { fillText, StateMark } from "@menshen/ui";
import { topicName, useTexts } from "../i18n/texts.ts";
import { useMoments } from "../moments.ts";
import type { LogMemory } from "./log-memory.ts";
import { type AuditRun, countOf } from "./use-audit.ts";

/** Verifying the whole log here, and what was counted on the way. */
export function VerifySection(props: {
  memory: LogMemory;
  signed: SignedCheckpoint | undefined;
  audit: AuditRun;
}) {
  const t = useTexts();
  const moments = useMoments();
  const { memory, audit } = props;
  const size = props.signed?.checkpoint.size ?? 0;
  const known = memory.audit === undefined ? 0 : countOf(memory.topics);
  const isNew = known === 0;
  return (
    <section aria-labelledby="verify">
      <h2 id="verify">{t.verify.title}</h2>
      <p>{t.verify.help}</p>
      <p className="plain-quiet">
        {isNew || memory.auditedAt === undefined
          ? t.verify.never
          : fillText(t.verify.upTo, { count: known, when: moments.moment(memory.auditedAt) })}
      </p>
      {audit.isRunning ? <Progress audit={audit} size={size} /> : null}
      {audit.hasFailed ? (
        <p role="alert" className="plain-notice plain-notice--due">
          {t.verify.failed}
        </p>
      ) : null}
      {audit.findings?.length === 0 ? (
        <p role="status" className="verified">
          <StateMark tone="granted">{fillText(t.verify.good, { count: known })}</StateMark>
        </p>
      ) : null}
      {audit.isRunning ? null : (
        <div className="plain-actions">
          {isNew || known < size ? (
            <button
              type="button"
              className="plain-button plain-button--main"
              onClick={() => audit.start(false)}
            >
              {isNew ? t.verify.start : fillText(t.verify.more, { count: size - known })}
            </button>
          ) : null}
          {isNew ? null : (
            <button type="button" className="plain-button" onClick={() => audit.start(true)}>
              {t.verify.again}
            </button>
          )}
        </div>
      )}
      {isNew ? null : <Topics topics={memory.topics} />}
    </section>
  );
}

function Progress(props: { audit: AuditRun; size: number }) {
  const t = useTexts();
  const done = props.audit.verifiedBefore + props.audit.verified;
  return (
    <div className="plain-notice">
      <p role="status">{fillText(t.verify.progress, { done, total: props.size })}</p>
      <progress
        className="plain-progress"
        max={Math.max(1, props.size)}
        value={done}
        aria-label={t.verify.title}
      />
    </div>
  );
}

function Topics(props: { topics: Readonly<Record<string, number>> }) {
  const t = useTexts();
  const rows = Object.entries(props.topics).toSorted(([, a], [, b]) => b - a);
  return (
    <>
      <h3>{t.topics.title}</h3>
      <p className="plain-quiet">{t.topics.help}</p>
      <table className="counts counts--figures">
        <thead>
          <tr>
            <th scope="col">{t.topics.topic}</th>
            <th scope="col">{t.topics.count}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([topic, count]) => (
            <tr key={topic}>
              <th scope="row">{topicName(t, topic)}</th>
              <td>{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
