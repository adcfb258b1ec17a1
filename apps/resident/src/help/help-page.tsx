import { useDevice } from "../device/device-context.tsx";
import { useTexts } from "../i18n/texts.ts";
import { Topic, Topics } from "../layout/topics.tsx";

/** What to do when something is wrong, in the order in which it is asked; works without a network. */
export function HelpPage() {
  const t = useTexts();
  const { community, owner, isShared } = useDevice();
  return (
    <>
      <p>{t.help.lead.replace("{{community}}", community?.name ?? "")}</p>
      {t.help.questions.map(({ question, answers, href, link }) => (
        <details key={question} className="question">
          <summary>{question}</summary>
          {answers.map((answer) => (
            <p key={answer}>{answer}</p>
          ))}
          {href === undefined ? null : (
            <p>
              <a href={href}>{link}</a>
            </p>
          )}
        </details>
      ))}
      <div className="rights plain-no-print">
        <Topics title={t.help.without}>
          <Topic href="#/papers" title={t.nav.papers} fact={t.nav.papersFact} />
        </Topics>
        {owner === undefined ? null : (
          <Topics title={isShared ? t.home.key : t.help.more}>
            {isShared ? null : <Topic href="#/device" title={t.device.title} fact={t.help.deviceFact} />}
            <Topic href="#/code" title={t.code.title} fact={t.help.codeFact} />
          </Topics>
        )}
      </div>
      <div className="plain-actions plain-no-print">
        <button type="button" className="plain-button" onClick={() => print()}>
          {t.help.print}
        </button>
      </div>
    </>
  );
}
