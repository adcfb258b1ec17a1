import { formatClock, formatDay, StateMark, type StateTone } from "@menshen/ui";
import { type ChangeReason, type NamingDecision, type NamingState, namingEndpoints } from "@menshen/wire";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { useMomentFormat } from "../../components/moments.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { areaText } from "./area.ts";

const TONES: Readonly<Record<NamingState, StateTone>> = {
  waiting: "refused",
  announced: "quiet",
  "in-force": "granted",
  ended: "quiet",
  withdrawn: "quiet",
};

/** One decision with all that was said for it, and what may still be done about it. */
export function DecisionItem(props: { decision: NamingDecision }) {
  const { t: text } = useTranslation("naming");
  const { t } = useTranslation();
  const format = useMomentFormat();
  const mayConfirm = useMay("naming.confirm");
  const mayWithdraw = useMay("naming.withdraw");
  const { id, scope, state, days, from, until, notice, motion } = props.decision;
  const confirm = useChange((reason: ChangeReason) =>
    call(namingEndpoints.confirm, { params: { id }, reason }),
  );
  const withdraw = useChange(
    (reason: ChangeReason) => call(namingEndpoints.withdraw, { params: { id }, reason }),
    { doneText: text("withdrawn") },
  );
  const moment = (epochMs: number) => `${formatDay(epochMs, format)} ${formatClock(epochMs, format)}`;
  const { recordedBy, confirmedBy, withdrawnBy } = props.decision;
  const isOver = state === "ended" || state === "withdrawn";
  const people = [
    text("recorded", { name: recordedBy }),
    confirmedBy === undefined ? "" : text("confirmed", { name: confirmedBy }),
    withdrawnBy === undefined ? "" : text("withdrawnBy", { name: withdrawnBy }),
  ];
  return (
    <li>
      <span>
        <StateMark tone={TONES[state]}>{text(`state.${state}`)}</StateMark>{" "}
        <strong>{motion?.title ?? text(`${scope}.title`)}</strong>
        <br />
        {until === undefined
          ? text("period", { from: moment(from) })
          : text("periodUntil", { from: moment(from), until: moment(until) })}
        {t("common.semicolon")}
        {text("days", { count: days })}
        {notice === undefined ? null : (
          <>
            <br />
            <q>{notice}</q>
          </>
        )}
        {motion === undefined ? null : (
          <>
            <br />
            {motion.documentNumber}
            {t("common.semicolon")}
            {text("votedOnDay", { day: motion.votedOn })}
            <br />
            {text("everyone.votes", { measure: text("everyone.measure.heads"), ...motion.vote.heads })}
            <br />
            {text("everyone.votes", {
              measure: text("everyone.measure.areaDm2"),
              total: areaText(motion.vote.areaDm2.total),
              voted: areaText(motion.vote.areaDm2.voted),
              inFavour: areaText(motion.vote.areaDm2.inFavour),
            })}
            <br />
            <span className="fingerprint" title={motion.minutesSha256}>
              {text("fingerprint")} {motion.minutesSha256}
            </span>
          </>
        )}
        <br />
        <span className="quiet">{people.filter((one) => one !== "").join(t("common.semicolon"))}</span>
        {state === "waiting" && mayConfirm ? (
          <>
            <br />
            {text("everyone.confirmHelp")}
          </>
        ) : null}
      </span>
      <span className="actions">
        {state === "waiting" && mayConfirm ? (
          <ReasonButton
            isPrimary
            label={text("everyone.confirm")}
            isPending={confirm.isPending}
            onConfirm={confirm.mutate}
          />
        ) : null}
        {!isOver && mayWithdraw ? (
          <ReasonButton label={text("withdraw")} isPending={withdraw.isPending} onConfirm={withdraw.mutate} />
        ) : null}
      </span>
    </li>
  );
}
