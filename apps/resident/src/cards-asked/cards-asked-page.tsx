import "../votes/votes.css";
import { fillText } from "@menshen/ui";
import { residentCaseEndpoints } from "@menshen/wire";
import { useMemo } from "react";
import { usePlaces } from "../api/answers.ts";
import { call } from "../api/client.ts";
import { useAnswer } from "../api/use-answer.ts";
import { useTexts } from "../i18n/texts.ts";
import { useMoments } from "../layout/moments.ts";
import { Loading, Nothing, Problem } from "../layout/notices.tsx";
import { placeName } from "../trail/place-name.ts";
import { useEntries } from "../trail/use-entries.ts";
import { AnswerForm, ObjectForm } from "./answer-forms.tsx";
import { type OwnCase, ownCases } from "./own-cases.ts";
import { useCardsAskedTexts } from "./use-cards-asked-texts.ts";

const ask = () => call(residentCaseEndpoints.list, {});

/** "Was this you?": the cases that this device recognises as its own. */
export function CardsAskedPage() {
  const t = useCardsAskedTexts();
  const moments = useMoments();
  const list = useAnswer("cases", ask);
  const { entries } = useEntries();
  const own = useMemo(
    () =>
      list.value === undefined || entries === undefined ? undefined : ownCases(list.value.items, entries),
    [list.value, entries],
  );
  const amnestyUntil = list.value?.amnestyUntil;
  return (
    <>
      <p className="plain-quiet">{t.lead}</p>
      {amnestyUntil === undefined ? null : <p>{fillText(t.amnesty, { until: moments.day(amnestyUntil) })}</p>}
      {list.failure === undefined ? null : <Problem code={list.failure} onRetry={list.again} />}
      {own === undefined && list.failure === undefined ? <Loading /> : null}
      {own?.length === 0 ? (
        <Nothing title={t.none}>
          {t.noneHelp} <a href="#/trail">{t.readTrail}</a>
        </Nothing>
      ) : null}
      {own?.map((one) => (
        <Asked key={one.published.id} own={one} />
      ))}
    </>
  );
}

function Asked(props: { own: OwnCase }) {
  const t = useCardsAskedTexts();
  const texts = useTexts();
  const moments = useMoments();
  const places = usePlaces();
  const { published, tap } = props.own;
  const { measures, isAnswered, isClosed } = published;
  return (
    <section aria-label={t.was}>
      <h2>{t.was}</h2>
      <p>
        {fillText(t.wasHelp, {
          when: moments.moment(tap.at),
          where: placeName(texts, tap.accessPointId, places.value),
        })}
      </p>
      {isAnswered || isClosed ? <p className="plain-quiet">{t.answered}</p> : <AnswerForm own={props.own} />}
      {measures.length === 0 ? null : (
        <div className="plain-notice">
          <h3>{t.measures}</h3>
          <ul className="plain-list">
            {measures.map(({ measure, reason }) => (
              <li key={measure}>
                <strong>{t.measure[measure]}</strong>
                <br />
                {fillText(t.why, { reason })}
              </li>
            ))}
          </ul>
          <ObjectForm own={props.own} />
        </div>
      )}
    </section>
  );
}
