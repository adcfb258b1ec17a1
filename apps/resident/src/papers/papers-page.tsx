import "./papers.css";
import { useState } from "react";
import { useDevice } from "../device/device-context.tsx";
import { useTexts } from "../i18n/texts.ts";
import { PAPERS, type PaperName } from "./papers.ts";
import { usePaperTexts } from "./use-paper-texts.ts";

/** Forms in large type for whoever would rather use paper; nobody needs to be signed in to print one. */
export function PapersPage(props: { part: string | undefined }) {
  const t = useTexts();
  const p = usePaperTexts();
  const { community } = useDevice();
  const [printed, setPrinted] = useState<PaperName>();
  const chosen = PAPERS.find((name) => name === props.part);
  if (chosen === undefined) {
    return (
      <>
        <p>{p.lead}</p>
        <ul className="rights__list">
          {PAPERS.map((name) => (
            <li key={name}>
              <a className="right" href={`#/papers/${name}`}>
                <span className="right__title">{p.paper[name].title}</span>
                <span className="right__fact">{p.paper[name].fact}</span>
              </a>
            </li>
          ))}
        </ul>
        <p className="plain-quiet">{p.others}</p>
      </>
    );
  }
  const { title, ask, choices, lines, promise } = p.paper[chosen];
  return (
    <>
      <article className="paper" aria-labelledby="paper-title">
        <p>{community?.name}</p>
        <h2 id="paper-title">{title}</h2>
        <p>{ask}</p>
        <ul className="paper__choices">
          {choices.map((choice) => (
            <li key={choice}>☐ {choice}</li>
          ))}
        </ul>
        {[...lines, ...p.lines].map((line) => (
          <p key={line} className="paper__line">
            {line}
          </p>
        ))}
        <p>{promise}</p>
        <p className="paper__desk">{p.desk}</p>
      </article>
      <div className="plain-actions">
        <button
          type="button"
          className="plain-button plain-button--main"
          onClick={() => {
            setPrinted(chosen);
            print();
          }}
        >
          {t.common.print}
        </button>
        <a className="plain-button" href="#/papers">
          {p.all}
        </a>
      </div>
      <p role="status" className="plain-quiet plain-no-print">
        {printed === chosen ? p.next : ""}
      </p>
    </>
  );
}
