import { fillText } from "@menshen/ui";
import type { ResidencyEnd } from "@menshen/wire";
import { useState } from "react";
import { AskTwice } from "../layout/ask-twice.tsx";
import { useMoments } from "../layout/moments.ts";
import { useHouseholdTexts } from "./use-household-texts.ts";

/** The end of one's home: what is asked, what one answers, moving out by oneself and staying after all. */
export function HomeEnd(props: {
  home: string;
  end: ResidencyEnd | undefined;
  isBusy: boolean;
  onLeave: (inDays: number) => void;
  onAgree: () => void;
  onObject: (objection: string) => void;
  onStay: () => void;
}) {
  const t = useHouseholdTexts();
  const moments = useMoments();
  const [days, setDays] = useState(0);
  const { end, isBusy } = props;
  const when = end?.endsAt === undefined ? "" : moments.moment(end.endsAt);
  const isOpen = end !== undefined && ["asked", "objected", "agreed", "lapsed", "ends"].includes(end.state);
  return (
    <section aria-label={props.home}>
      {end === undefined ? null : (
        <div className={end.state === "asked" ? "plain-notice plain-notice--due" : "plain-notice"}>
          <p>
            <strong>
              {end.state === "asked" ? t.end.asked : fillText(t.end.state[end.state], { when })}
            </strong>
          </p>
          <p>{t.end.askedBy[end.askedBy]}</p>
          {end.ground === undefined ? null : <p>{fillText(t.end.ground, { ground: end.ground })}</p>}
          {end.objection === undefined ? null : <p>{fillText(t.end.yours, { objection: end.objection })}</p>}
          {end.decisionReason === undefined ? null : (
            <p>{fillText(t.end.reason, { reason: end.decisionReason })}</p>
          )}
          {end.state === "asked" ? <Answers {...props} end={end} /> : null}
          {end.state === "agreed" ? (
            <div className="plain-actions">
              <button type="button" className="plain-button" disabled={isBusy} onClick={props.onStay}>
                {t.home.stay}
              </button>
            </div>
          ) : null}
        </div>
      )}
      {isOpen ? null : (
        <AskTwice
          label={`${t.home.leave} · ${props.home}`}
          confirm={t.home.leaveYes}
          isBusy={isBusy}
          help={
            <>
              {t.home.leaveHelp}
              <label className="plain-field">
                {t.home.leaveDays}
                <input
                  type="number"
                  min={0}
                  max={366}
                  value={days}
                  onChange={(event) => setDays(Math.min(366, Math.max(0, Number(event.target.value) || 0)))}
                />
              </label>
            </>
          }
          onConfirm={() => props.onLeave(Math.trunc(days))}
        />
      )}
    </section>
  );
}

function Answers(props: {
  end: ResidencyEnd;
  isBusy: boolean;
  onAgree: () => void;
  onObject: (objection: string) => void;
}) {
  const t = useHouseholdTexts();
  const moments = useMoments();
  const [objection, setObjection] = useState("");
  const when = props.end.graceUntil === undefined ? "" : moments.moment(props.end.graceUntil);
  return (
    <>
      <p>{fillText(t.end.choose, { when })}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.onObject(objection.trim());
        }}
      >
        <label className="plain-field">
          {t.end.objection}
          <textarea
            value={objection}
            maxLength={1_000}
            rows={3}
            required
            onChange={(event) => setObjection(event.target.value)}
          />
        </label>
        <div className="plain-actions">
          <button
            type="submit"
            className="plain-button plain-button--main"
            disabled={props.isBusy || objection.trim() === ""}
          >
            {t.end.object}
          </button>
        </div>
      </form>
      <AskTwice
        label={t.end.agree}
        confirm={t.end.agree}
        help={fillText(t.end.agreeHelp, { when })}
        isBusy={props.isBusy}
        onConfirm={props.onAgree}
      />
    </>
  );
}
