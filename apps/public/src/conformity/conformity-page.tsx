import { fillText, StateMark, type StateTone, usePreferences } from "@menshen/ui";
import { type Conformity, type ConformityItem, conformityEndpoints } from "@menshen/wire";
import { useEffect, useState } from "react";
import { OfCommunity, useCommunityMoments } from "../community/use-community.tsx";
import { useTexts } from "../i18n/texts.ts";
import { Foot } from "../page-foot.tsx";
import { byArea } from "./by-area.ts";
import { type ConformityTexts, useConformityTexts } from "./texts.ts";

const TONES: Readonly<Record<ConformityItem["state"], StateTone>> = {
  kept: "granted",
  broken: "alarm",
  person: "quiet",
  open: "refused",
};
const { path } = conformityEndpoints.read;

/** Each rule of law, with its articles, its state in this community and since when. */
export function ConformityPage() {
  const t = useConformityTexts();
  const texts = useTexts();
  const [found, setFound] = useState<Conformity | "unreachable">();
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each turn asks anew
  useEffect(() => {
    let isGone = false;
    setFound(undefined);
    readConformity().then(
      (answer) => {
        if (!isGone) setFound(answer);
      },
      () => {
        if (!isGone) setFound("unreachable");
      },
    );
    return () => {
      isGone = true;
    };
  }, [turn]);
  useEffect(() => {
    document.title = t.title;
  }, [t]);
  return (
    <div className="plain plain--wide">
      <header className="plain-head">
        <img className="plain-head__seal" src="/public/seal.svg" alt="" />
        <span className="plain-head__name">Menshen 门神</span>
        <a href="/public/incidents">{texts.common.incidents}</a>
        <a href="/public/">{t.log}</a>
      </header>
      <main id="content" tabIndex={-1}>
        <h1>{t.title}</h1>
        <p>{t.lead}</p>
        {found === undefined ? <p role="status">{texts.common.loading}…</p> : null}
        {found === "unreachable" ? (
          <div role="alert">
            <p>{t.unreachable}</p>
            <button type="button" className="plain-button" onClick={() => setTurn(turn + 1)}>
              {texts.common.retry}
            </button>
          </div>
        ) : null}
        {found === undefined || found === "unreachable" ? null : (
          <OfCommunity>
            <Rules found={found} />
          </OfCommunity>
        )}
      </main>
      <Foot />
    </div>
  );
}

function Rules(props: { found: Conformity }) {
  const t = useConformityTexts();
  const moments = useCommunityMoments();
  const { checkedAt, softwareVersion, items } = props.found;
  const count = (state: ConformityItem["state"]) => items.filter((item) => item.state === state).length;
  return (
    <>
      <p>
        <strong>
          {fillText(t.summary, {
            kept: count("kept"),
            broken: count("broken"),
            open: count("open"),
            person: count("person"),
          })}
        </strong>
      </p>
      <p className="plain-quiet">
        {fillText(t.checked, { when: moments.moment(checkedAt), version: softwareVersion })} ·{" "}
        <a href={path}>{t.asJson}</a>
      </p>
      <p className="plain-quiet">{t.help}</p>
      {[...byArea(items)].map(([letter, rows]) => (
        <section key={letter} aria-labelledby={`area-${letter}`}>
          <h2 id={`area-${letter}`}>{areaName(t, letter)}</h2>
          <ul className="rules">
            {rows.map((item) => (
              <Rule key={item.id} item={item} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Rule(props: { item: ConformityItem }) {
  const t = useConformityTexts();
  const { language } = usePreferences();
  const moments = useCommunityMoments();
  const { id, articles, behaviour, state, since, breaches = 0, tests } = props.item;
  return (
    <li className="rule">
      <p className="rule__head">
        <strong>{id}</strong> <StateMark tone={TONES[state]}>{t.state[state]}</StateMark>{" "}
        <span className="plain-quiet">{fillText(t.since, { when: moments.moment(since) })}</span>
      </p>
      <p>{behaviour[language === "en" ? "en" : "zh-CN"]}</p>
      {breaches === 0 ? null : <p>{fillText(t.breaches, { count: breaches })}</p>}
      <p className="plain-quiet">
        {t.articles}: {articles}
      </p>
      {tests.length === 0 ? null : (
        <details>
          <summary>{t.tests}</summary>
          <ul className="rule__tests">
            {tests.map((test) => (
              <li key={test}>
                <code>{test}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

function areaName(t: ConformityTexts, letter: string): string {
  return Object.entries(t.areas).find(([area]) => area === letter)?.[1] ?? t.other;
}

async function readConformity(): Promise<Conformity> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.json();
}
