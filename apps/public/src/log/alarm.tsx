import type { AuditFinding } from "@menshen/evidence";
import { fillText } from "@menshen/ui";
import { type Texts, useTexts } from "../i18n/texts.ts";
import type { AuditRun } from "./use-audit.ts";
import type { LogState } from "./use-log.ts";

/** Whatever is wrong with the log, loud, at the top of the page. */
export function Alarm(props: { log: LogState; audit: AuditRun }) {
  const t = useTexts();
  const { memory, checkpoint, isOther } = props.log;
  const lines = [
    ...(isOther && memory !== undefined ? [fillText(t.alarm.other, { known: memory.log.logKey })] : []),
    ...(checkpoint === undefined || checkpoint.shown
      ? []
      : [fillText(t.alarm.checkpoint, { why: t.checkpointRefusal[checkpoint.refusal] })]),
    ...(props.audit.findings ?? []).map((finding) => findingText(t, finding)),
  ];
  if (lines.length === 0) return null;
  return (
    <div role="alert" className="plain-notice plain-notice--alarm">
      <p>
        <strong>▲ {t.alarm.title}</strong>
      </p>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <p>{t.alarm.help}</p>
      {memory?.audit === undefined ? null : (
        <p>
          <a className="alarm__save" download="menshen-log-evidence.json" href={dataUrl(memory.audit)}>
            {t.alarm.export}
          </a>
        </p>
      )}
    </div>
  );
}

function findingText(t: Texts, finding: AuditFinding): string {
  const text = t.finding[finding.finding];
  switch (finding.finding) {
    case "checkpoint-refused":
      return fillText(text, { why: t.checkpointRefusal[finding.refusal] });
    case "too-few-witnesses":
      return fillText(text, { quorum: finding.quorum, count: finding.bodies.length });
    case "forked":
      return text;
    case "rolled-back":
    case "proof-refused":
      return fillText(text, { seen: finding.seenSize, shown: finding.shownSize });
    case "tile-refused":
      return fillText(text, { path: finding.path, why: t.tileRefusal[finding.refusal] });
  }
}

function dataUrl(text: string): string {
  return `data:application/json;charset=utf-8,${encodeURIComponent(text)}`;
}
