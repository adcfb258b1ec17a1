import { NOTICE_PART_TEXTS, NOTICE_PARTS } from "@menshen/domain";
import { fillText } from "@menshen/ui";
import type { PublishedNotice } from "@menshen/wire";
import { useMoments } from "../layout/moments.ts";
import { useConsentTexts, useOwnLanguage } from "./use-consent-texts.ts";

/** Everything that a notice says, in this person's language. */
export function NoticeFacts(props: { notice: PublishedNotice }) {
  const c = useConsentTexts();
  const own = useOwnLanguage();
  const moments = useMoments();
  const { notice } = props;
  const { controller, processor, subProcessors, texts, endsAt, deleteWithinDays } = notice;
  return (
    <>
      <dl className="plain-facts">
        <dt>{c.who}</dt>
        <dd>
          {controller.name} · {controller.contact}
        </dd>
        <dt>{c.processor}</dt>
        <dd>
          {processor.name} · {processor.contact}
        </dd>
        <dt>{c.subProcessors}</dt>
        <dd>
          {subProcessors.length === 0
            ? c.nobodyElse
            : subProcessors.map(({ name, task }) => <span key={name}>{`${name} (${task}) `}</span>)}
        </dd>
        {NOTICE_PARTS.map((part) => (
          <NoticePartRow key={part} name={own(NOTICE_PART_TEXTS[part])} text={own(texts[part])} />
        ))}
        <dt>{c.end}</dt>
        <dd>{fillText(c.endText, { when: moments.day(endsAt), days: deleteWithinDays })}</dd>
      </dl>
      <p className="plain-quiet">
        {fillText(c.version, { version: notice.version, hash: notice.sha256.slice(0, 8) })}
      </p>
    </>
  );
}

function NoticePartRow(props: { name: string; text: string }) {
  return (
    <>
      <dt>{props.name}</dt>
      <dd>{props.text}</dd>
    </>
  );
}
