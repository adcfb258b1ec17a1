import { QrCode, StateMark, type StateTone, usePreferences, visitWords } from "@menshen/ui";
import { useState } from "react";
import { ApiError } from "../api/client.ts";
import { useOwned } from "../device/device-context.tsx";
import type { HeldPhonePass, VisitRecord } from "../device/device-store.ts";
import { useTexts } from "../i18n/texts.ts";
import { AskTwice } from "../layout/ask-twice.tsx";
import { Problem } from "../layout/notices.tsx";
import { goTo } from "../layout/use-page.ts";
import { ShareBar } from "./share-bar.tsx";
import { revokeVisit, visitLink, visitText } from "./sign-visit.ts";
import type { Visits } from "./use-visits.ts";
import { VisitFacts } from "./visit-facts.tsx";
import { type VisitState, visitState } from "./visit-state.ts";

export const VISIT_TONES: Readonly<Record<VisitState, StateTone>> = {
  active: "granted",
  waiting: "quiet",
  over: "quiet",
  revoked: "refused",
};

/** One visitor's pass: its code, ways to hand it on, and taking it back. */
export function VisitSheet(props: {
  visit: VisitRecord;
  held: HeldPhonePass | undefined;
  timeZone: string;
  visits: Visits;
}) {
  const t = useTexts();
  const { community } = useOwned();
  const { language } = usePreferences();
  const { visit, timeZone } = props;
  const [now] = useState(Date.now);
  const state = visitState(visit, now);
  const name = community?.name ?? "";
  // Whoever reads a message or a paper does so another day: no `today` in it.
  const lasting = visitWords(visit, 0, language === "en" ? "en" : "zh-CN", timeZone);
  const isUsable = state === "active" || state === "waiting";
  return (
    <>
      <p className="plain-only-print">{name}</p>
      <p className="visit-name">{visit.label === "" ? t.visits.purpose[visit.purpose] : visit.label}</p>
      <p className="plain-no-print">
        <StateMark tone={VISIT_TONES[state]}>{t.visits.state[state]}</StateMark>
      </p>
      {isUsable ? (
        <>
          <div className="visit-code">
            <QrCode text={visitText("visitor-pass", visit.message)} label={t.visits.codeLabel} />
          </div>
          <p className="pass-code__words plain-no-print">{t.visits.warning}</p>
          <ShareBar
            link={visitLink("visitor-pass", visit.message, { community: name, timeZone, doors: visit.doors })}
            title={name}
            text={t.visits.shareText.replace("{{community}}", name).replace("{{when}}", lasting.span)}
          />
        </>
      ) : null}
      <VisitFacts times={visit} doors={visit.doors} purpose={visit.purpose} now={now} timeZone={timeZone} />
      <Revoke {...props} isUsable={isUsable} />
      <p className="plain-no-print">
        <a href="#/visitors">{t.visits.back}</a>
      </p>
    </>
  );
}

function Revoke(props: {
  visit: VisitRecord;
  held: HeldPhonePass | undefined;
  visits: Visits;
  isUsable: boolean;
}) {
  const t = useTexts();
  const { owner } = useOwned();
  const [failure, setFailure] = useState<string>();
  const { visit, held, visits, isUsable } = props;

  async function revoke() {
    if (held === undefined) return;
    setFailure(undefined);
    try {
      await revokeVisit(owner, held, visit);
      await visits.change({ ...visit, revokedAt: Date.now() });
    } catch (error) {
      setFailure(error instanceof ApiError ? error.code : "internal");
    }
  }
  async function forget() {
    await visits.forget(visit.passId);
    goTo("visitors");
  }

  if (!isUsable) {
    return (
      <div className="plain-actions plain-no-print">
        <button type="button" className="plain-button" onClick={() => void forget()}>
          {t.visits.forget}
        </button>
      </div>
    );
  }
  // A phone pass that was ended took its visitors' passes with it.
  if (held === undefined) return null;
  return (
    <div className="plain-no-print">
      {failure === undefined ? null : <Problem code={failure} />}
      <AskTwice
        label={t.visits.revoke}
        confirm={t.visits.revokeConfirm}
        help={t.visits.revokeHelp}
        onConfirm={() => void revoke()}
      />
    </div>
  );
}
