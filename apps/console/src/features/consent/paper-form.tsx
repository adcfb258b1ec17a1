import { CONSENT_PURPOSE_TEXTS, NOTICE_PART_TEXTS, NOTICE_PARTS } from "@menshen/domain";
import { formatDay } from "@menshen/ui";
import type { PublishedNotice } from "@menshen/wire";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useMomentFormat } from "../../components/moments.tsx";
import { usePreferences } from "../../preferences.tsx";

/** The first digits of a notice's hash: what a signed paper is told by. */
export function formNumber({ sha256 }: Pick<PublishedNotice, "sha256">): string {
  return sha256.slice(0, 8).toUpperCase();
}

/** The form for whoever decides on paper: the whole notice in large type, and room for the signature. */
export function PaperForm(props: { notice: PublishedNotice; onClose: () => void }) {
  const { t: text } = useTranslation("consent");
  const { language } = usePreferences();
  const format = useMomentFormat();
  const own = language === "en" ? "en" : "zh-CN";
  const { notice } = props;
  const { controller, processor, subProcessors, texts, endsAt, deleteWithinDays } = notice;
  const facts: readonly (readonly [string, string])[] = [
    [text("paper.who"), text("paper.party", { ...controller })],
    [text("paper.by"), text("paper.party", { ...processor })],
    [
      text("paper.others"),
      subProcessors.map(({ name, task }) => `${name} (${task})`).join(" · ") || text("paper.nobody"),
    ],
    ...NOTICE_PARTS.map((part) => [NOTICE_PART_TEXTS[part][own], texts[part][own]] as const),
    [text("paper.end"), text("paper.endText", { day: formatDay(endsAt, format), days: deleteWithinDays })],
  ];
  return (
    <article className="consent-paper">
      <span className="actions consent-no-print">
        <Button type="primary" onClick={() => window.print()}>
          {text("paper.print")}
        </Button>
        <Button onClick={props.onClose}>{text("paper.close")}</Button>
      </span>
      <h1>
        {text("paper.title")} · {CONSENT_PURPOSE_TEXTS[notice.purpose][own]}
      </h1>
      <p>{text("paper.intro")}</p>
      <dl>
        {facts.map(([name, said]) => (
          <Fact key={name} name={name} said={said} />
        ))}
      </dl>
      <p>{text("paper.withdraw")}</p>
      <p>☐ {text("paper.yes")}</p>
      {[text("paper.name"), text("paper.home"), text("paper.sign"), text("paper.date")].map((label) => (
        <p key={label} className="consent-paper__line">
          {label}
        </p>
      ))}
      <p className="consent-paper__number">{text("paper.number", { number: formNumber(notice) })}</p>
    </article>
  );
}

function Fact(props: { name: string; said: string }) {
  return (
    <>
      <dt>{props.name}</dt>
      <dd>{props.said}</dd>
    </>
  );
}
