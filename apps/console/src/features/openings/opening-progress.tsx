import { StateMark } from "@menshen/ui";
import type { CustodianStanding, Opening } from "@menshen/wire";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useMomentText } from "./moment-text.ts";
import { useBodyName } from "./opening-state.tsx";

type Step = "done" | "now" | "later" | "failed";
const MARKS = { done: "granted", now: "quiet", later: "quiet", failed: "refused" } as const;

/** The way of a request, step by step: what is done, what is under way, and what comes. */
export function OpeningProgress(props: { opening: Opening; threshold: number }) {
  const { t } = useTranslation("openings");
  const moment = useMomentText();
  const { opening, threshold } = props;
  const { state, disclosedAt, openedCount } = opening;
  const isOpened = state === "answered";
  const isOver = state === "refused" || state === "expired";
  const handedOver = opening.package === "handed-over";

  const answered: Step = isOpened ? "done" : isOver ? "failed" : opening.logged ? "now" : "later";
  return (
    <section aria-labelledby="opening-progress">
      <h2 id="opening-progress">{t("detail.progress")}</h2>
      <ol className="stages">
        <ProgressStep step={opening.logged ? "done" : "now"} name={t("detail.logged")}>
          {opening.logged ? null : <p className="quiet">{t("detail.loggedHelp")}</p>}
        </ProgressStep>
        <ProgressStep step={answered} name={t("detail.answered")}>
          <p className="quiet">
            {t("detail.answeredHelp", { threshold })}{" "}
            {opening.holdUntil === undefined ? null : t("detail.answeredHold")}
          </p>
          <ul className="plain-list">
            {opening.custodians.map((one) => (
              <CustodianAnswer key={one.index} custodian={one} path={opening.path} />
            ))}
          </ul>
        </ProgressStep>
        {opening.holdUntil === undefined ? null : (
          <ProgressStep
            step={opening.holdEndedAt !== undefined ? "done" : isOpened ? "now" : isOver ? "failed" : "later"}
            name={t("detail.held")}
          >
            <p className="quiet">{t("heldUntil", { time: moment(opening.holdUntil) })}</p>
            {opening.holdEndedAt === undefined ? null : (
              <p>{t("detail.holdEnded", { time: moment(opening.holdEndedAt) })}</p>
            )}
          </ProgressStep>
        )}
        {isOver || opening.holdUntil !== undefined ? null : (
          <>
            <ProgressStep step={isOpened ? "done" : "later"} name={t("detail.opened")}>
              {openedCount === undefined ? null : <p>{t("detail.openedCount", { count: openedCount })}</p>}
            </ProgressStep>
            <ProgressStep
              step={handedOver ? "done" : opening.package === "ready" ? "now" : "later"}
              name={t("detail.handedOver")}
            >
              <p className="quiet">{t("detail.handedOverHelp")}</p>
            </ProgressStep>
          </>
        )}
        <ProgressStep step={disclosedAt === undefined ? "later" : "done"} name={t("detail.disclosed")}>
          <p className="quiet">
            {disclosedAt === undefined
              ? t("detail.disclosedLater", { time: moment(opening.sealUntil) })
              : t("detail.disclosedAt", { time: moment(disclosedAt) })}
          </p>
        </ProgressStep>
      </ol>
    </section>
  );
}

function ProgressStep(props: { step: Step; name: string; children?: ReactNode }) {
  const { t } = useTranslation("openings");
  return (
    <li
      className={`stages__step stages__step--${props.step}`}
      aria-current={props.step === "now" ? "step" : undefined}
    >
      <p className="stages__name">
        <strong>{props.name}</strong>{" "}
        <StateMark tone={MARKS[props.step]}>{t(`detail.${props.step}`)}</StateMark>
      </p>
      {props.children}
    </li>
  );
}

function CustodianAnswer(props: { custodian: CustodianStanding; path: Opening["path"] }) {
  const { t } = useTranslation("openings");
  const bodyName = useBodyName();
  const { body, onCall, answeredCount, rejectedCount, refused, lateAt, askedAgain } = props.custodian;
  return (
    <li>
      <span>
        {bodyName(body)} {onCall ? <span className="quiet">{t("detail.custodian.onCall")}</span> : null}
        {rejectedCount === 0 ? null : (
          <StateMark tone="alarm">{t("detail.custodian.rejected", { count: rejectedCount })}</StateMark>
        )}
        {askedAgain === true ? (
          <>
            <br />
            <span className="quiet">{t("detail.custodian.askedAgain")}</span>
          </>
        ) : null}
      </span>
      {refused !== undefined ? (
        <StateMark tone="refused">
          {t("detail.custodian.refused", { reason: t(`refusalOf.${refused}`) })}
        </StateMark>
      ) : answeredCount > 0 ? (
        <StateMark tone="granted">
          {t("detail.custodian.yes")} · {t("detail.custodian.counted", { count: answeredCount })}
        </StateMark>
      ) : lateAt !== undefined ? (
        <StateMark tone="refused">{t("detail.custodian.late")}</StateMark>
      ) : (
        <StateMark tone="quiet">
          {t(`detail.custodian.${props.path === "emergency" && !onCall ? "notCalled" : "waiting"}`)}
        </StateMark>
      )}
    </li>
  );
}
