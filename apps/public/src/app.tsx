import { useEffect } from "react";
import { OfCommunity } from "./community/use-community.tsx";
import { CountsSection } from "./counts/counts-section.tsx";
import { useTexts } from "./i18n/texts.ts";
import { LeavesSection } from "./leaves/leaves-section.tsx";
import { StatementsSection } from "./leaves/statements-section.tsx";
import { Alarm } from "./log/alarm.tsx";
import { CheckpointSection } from "./log/checkpoint-section.tsx";
import { forgetMemory } from "./log/log-memory.ts";
import { useAudit } from "./log/use-audit.ts";
import { useLog } from "./log/use-log.ts";
import { VerifySection } from "./log/verify-section.tsx";
import { Foot } from "./page-foot.tsx";
import { ReceiptSection } from "./receipt/receipt-section.tsx";
import { ReportSection } from "./report/report-section.tsx";
import { VendorsSection } from "./vendors/vendors-section.tsx";
import { BallotCheck } from "./votes/ballot-check.tsx";
import { VotesSection } from "./votes/votes-section.tsx";

/** The log explorer: one page, no sign-in, nothing sent but requests for public files. */
export function App() {
  const t = useTexts();
  const log = useLog();
  const audit = useAudit(log);
  const { memory, keys, checkpoint } = log;
  const signed = checkpoint?.shown ? checkpoint.signed : undefined;
  useEffect(() => {
    document.title = t.common.brand;
  }, [t]);
  return (
    <div className="plain plain--wide">
      <Head />
      <main id="content" tabIndex={-1}>
        <h1>{t.common.brand}</h1>
        <Alarm log={log} audit={audit} />
        <BallotCheck />
        <p>{t.lead}</p>
        {log.isUnreachable ? (
          <div role="alert" className="plain-notice plain-notice--due">
            <p>{t.common.unreachable}</p>
            <p>
              <button type="button" className="plain-link" onClick={log.again}>
                {t.common.retry}
              </button>
            </p>
          </div>
        ) : null}
        {memory === undefined && !log.isUnreachable ? <p role="status">{t.common.loading}…</p> : null}
        {memory === undefined || checkpoint === undefined ? null : (
          <>
            <CheckpointSection memory={memory} checkpoint={checkpoint} />
            <VerifySection memory={memory} signed={signed} audit={audit} />
            <CountsSection memory={memory} audit={audit} />
          </>
        )}
        {signed === undefined ? null : (
          <>
            <StatementsSection signed={signed} />
            <LeavesSection signed={signed} />
          </>
        )}
        {keys === undefined ? null : <ReceiptSection keys={keys} />}
        <OfCommunity>
          {signed === undefined ? null : <VotesSection signed={signed} />}
          <VendorsSection />
        </OfCommunity>
        <ReportSection />
        {memory === undefined ? null : (
          <section aria-labelledby="memory">
            <h2 id="memory">{t.memory.title}</h2>
            <p>{t.memory.help}</p>
            <div className="plain-actions">
              <button
                type="button"
                className="plain-button"
                onClick={() => {
                  forgetMemory();
                  location.reload();
                }}
              >
                {t.memory.forget}
              </button>
            </div>
          </section>
        )}
      </main>
      <Foot />
    </div>
  );
}

function Head() {
  const t = useTexts();
  return (
    <>
      <button
        type="button"
        className="ms-visually-hidden skip plain-link"
        onClick={() => document.getElementById("content")?.focus()}
      >
        {t.common.skip}
      </button>
      <header className="plain-head">
        <img className="plain-head__seal" src="/public/seal.svg" alt="" />
        <span className="plain-head__name">Menshen 门神</span>
        <a href="/public/complaints">{t.common.complaints}</a>
        <a href="/public/conformity">{t.common.conformity}</a>
        <a href="/public/incidents">{t.common.incidents}</a>
        <a href="/public/evidence">{t.common.evidence}</a>
        <a href="/resident/">{t.common.home}</a>
      </header>
    </>
  );
}
