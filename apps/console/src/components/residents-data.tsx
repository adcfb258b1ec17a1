import { formatClock } from "@menshen/ui";
import { type Permission, VIEW_REASON_CODES, type ViewReason } from "@menshen/wire";
import { Button, Input } from "antd";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useSignedIn } from "../api/session.tsx";
import { dropViewReason, type HeldReason, holdViewReason, useHeldReason } from "../api/view-reason.ts";
import { useMomentFormat } from "./moments.tsx";
import { PageHead } from "./page-head.tsx";
import { Forbidden, OtherDuty } from "./page-states.tsx";

/**
 * A page that shows residents' data: asks once why, and says all the time that it is looked at and for which reason.
 * Nothing is read before the reason is chosen.
 */
export function ResidentsData(props: { title: string; lead: string; children: ReactNode }) {
  const mayRead = useMay("homes.read");
  const { duty } = useSignedIn();
  const held = useHeldReason();
  if (!mayRead || held === undefined) {
    return (
      <>
        <PageHead title={props.title} lead={props.lead} />
        {mayRead ? <AskWhy /> : duty === "operate" ? <Forbidden /> : <OtherDuty duty="operate" />}
      </>
    );
  }
  return (
    <>
      <ViewBar held={held} />
      {props.children}
    </>
  );
}

function AskWhy() {
  const { t } = useTranslation();
  const titleId = useId();
  return (
    <section className="view-ask" aria-labelledby={titleId}>
      <p id={titleId} className="view-ask__question">
        {t("view.ask")}
      </p>
      <p className="quiet">{t("view.told")}</p>
      <ViewReasons label={t("view.ask")} />
    </section>
  );
}

/** Reasons to look at residents' data, one tap each; a note beside them is kept with the reason. */
export function ViewReasons(props: { label: string; onChosen?: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const note = text.trim();
  const choose = (code: ViewReason["code"]) => {
    holdViewReason(note === "" ? { code } : { code, text: note });
    props.onChosen?.();
  };
  return (
    <>
      <fieldset className="view-reasons">
        <legend className="ms-visually-hidden">{props.label}</legend>
        {VIEW_REASON_CODES.map((code) => (
          <Button key={code} disabled={code === "other" && note === ""} onClick={() => choose(code)}>
            {t(`view.reason.${code}`)}
          </Button>
        ))}
      </fieldset>
      <Input
        className="view-note"
        aria-label={t("view.note")}
        placeholder={`${t("view.note")} · ${t("view.noteForOther")}`}
        maxLength={500}
        value={text}
        // It may stand inside another form, which Enter would send.
        onPressEnter={(event) => event.preventDefault()}
        onChange={(event) => setText(event.target.value)}
      />
    </>
  );
}

/** Stands on every page that shows residents' data, as long as it does. */
function ViewBar(props: { held: HeldReason }) {
  const { t } = useTranslation();
  const format = useMomentFormat();
  const [isChanging, setIsChanging] = useState(false);
  const { reason, until } = props.held;
  return (
    <aside className="view-bar" aria-label={t("view.now")}>
      <p role="status">
        {t("view.now")}{" "}
        <strong>
          {t(`view.reason.${reason.code}`)}
          {reason.text === undefined ? "" : `: ${reason.text}`}
        </strong>{" "}
        <span className="quiet">{t("view.until", { time: formatClock(until, format) })}</span>
      </p>
      <span className="actions">
        <Button size="small" aria-expanded={isChanging} onClick={() => setIsChanging(!isChanging)}>
          {t("view.change")}
        </Button>
        <Button size="small" onClick={dropViewReason}>
          {t("view.end")}
        </Button>
      </span>
      {isChanging ? <ViewReasons label={t("view.change")} onChosen={() => setIsChanging(false)} /> : null}
    </aside>
  );
}

/** Where residents are named only with a reason, and much can be done without: a line that asks for it. */
export function NamesOnRequest(props: { text: string; permission?: Permission }) {
  const mayRead = useMay(props.permission ?? "homes.read");
  const held = useHeldReason();
  if (!mayRead) return null;
  if (held !== undefined) return <ViewBar held={held} />;
  return (
    <section className="view-ask view-ask--small" aria-label={props.text}>
      <p>{props.text}</p>
      <ViewReasons label={props.text} />
    </section>
  );
}
