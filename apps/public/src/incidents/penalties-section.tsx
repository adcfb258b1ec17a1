import { PENALTY_TEXTS } from "@menshen/domain";
import { fillText, StateMark, usePreferences } from "@menshen/ui";
import type { Penalty, penaltyEndpoints, ResponseOf } from "@menshen/wire";
import { useCommunityMoments } from "../community/use-community.tsx";
import { LogEntry, PublicSection } from "./public-section.tsx";
import { useRecordTexts } from "./texts.ts";
import { usePublicList } from "./use-public-list.ts";

export function PenaltiesSection(props: { path: string }) {
  const t = useRecordTexts();
  const found = usePublicList<ResponseOf<typeof penaltyEndpoints.list>>(props.path);
  return (
    <PublicSection id="penalties" title={t.penalties} help={t.penaltiesHelp} path={props.path} found={found}>
      {({ items }) =>
        items.length === 0 ? (
          <p className="plain-quiet">{t.penaltiesNone}</p>
        ) : (
          items.map((penalty) => <OnePenalty key={penalty.id} penalty={penalty} />)
        )
      }
    </PublicSection>
  );
}

function OnePenalty(props: { penalty: Penalty }) {
  const t = useRecordTexts();
  const moments = useCommunityMoments();
  const { language } = usePreferences();
  const own = language === "en" ? "en" : "zh-CN";
  const { party, authority, documentNumber, decidedOn, ground, amountFen, appeal, removed } = props.penalty;
  const title = `${PENALTY_TEXTS.party[party][own]} · ${documentNumber}`;
  const amount = (amountFen / 100).toLocaleString("en", {
    minimumFractionDigits: amountFen % 100 === 0 ? 0 : 2,
  });
  return (
    <article aria-label={title}>
      <h3>{PENALTY_TEXTS.party[party][own]}</h3>
      {removed === undefined ? null : <StateMark tone="refused">{t.removed}</StateMark>}
      <dl className="plain-facts">
        <dt>{t.ground}</dt>
        <dd>{ground}</dd>
        <dt>{t.amount}</dt>
        <dd>{amountFen === 0 ? t.noFine : fillText(t.yuan, { amount })}</dd>
        <dt>{t.authority}</dt>
        <dd>{authority}</dd>
        <dt>{t.document}</dt>
        <dd>{documentNumber}</dd>
        <dt>{t.decided}</dt>
        <dd>{decidedOn}</dd>
        <dt>{t.appeal}</dt>
        <dd>{PENALTY_TEXTS.appeal[appeal][own]}</dd>
      </dl>
      <p className="plain-quiet">
        {fillText(t.published, { when: moments.moment(props.penalty.publishedAt) })} ·{" "}
        <LogEntry index={props.penalty.leafIndex} />
      </p>
      {removed === undefined ? null : (
        <p>
          {fillText(t.removedWhy, { when: moments.moment(removed.at), why: removed.why })} ·{" "}
          <LogEntry index={removed.leafIndex} />
        </p>
      )}
    </article>
  );
}
