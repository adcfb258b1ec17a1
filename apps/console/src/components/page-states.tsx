import type { Duty } from "@menshen/wire";
import { Button, Spin } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError } from "../api/client.ts";
import { useDutyChange, useSignedIn } from "../api/session.tsx";
import { problemText } from "./problem-text.ts";

export function Loading() {
  const { t } = useTranslation();
  return (
    <div className="page-state" role="status">
      <Spin />
      <span className="ms-visually-hidden">{t("common.loading")}</span>
    </div>
  );
}

/** Nothing is there yet: what this place is for, and the first step. */
export function Empty(props: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="page-state">
      <p className="page-state__title">{props.title}</p>
      {props.children === undefined ? null : <p>{props.children}</p>}
      {props.action}
    </div>
  );
}

export function Unreachable(props: { onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="page-state" role="alert">
      <p className="page-state__title">{t("state.unreachable")}</p>
      <p>{t("state.unreachableHelp")}</p>
      <Button onClick={props.onRetry}>{t("common.retry")}</Button>
    </div>
  );
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty title={t("state.notFound")} action={<Link to="/">{t("nav.live")}</Link>}>
      {t("state.notFoundHelp")}
    </Empty>
  );
}

/** A failed read: what happened and what to do, never a code alone. */
export function Failed(props: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  if (!(props.error instanceof ApiError) || props.error.code === "unreachable") {
    return <Unreachable onRetry={props.onRetry} />;
  }
  const { code, problem } = props.error;
  if (code === "wrong-duty" && problem?.duty !== undefined) return <OtherDuty duty={problem.duty} />;
  if (code === "forbidden") return <Forbidden />;
  return (
    <div className="page-state" role="alert">
      <p className="page-state__title">{t("state.failed")}</p>
      <p>{problemText(t, props.error)}</p>
      <Button onClick={props.onRetry}>{t("common.retry")}</Button>
    </div>
  );
}

/** The session's roles do not include what is shown. */
export function Forbidden() {
  const { t } = useTranslation();
  return (
    <div className="page-state" role="alert">
      <p className="page-state__title">{t("state.forbidden")}</p>
      <p>{t("state.forbiddenHelp")}</p>
    </div>
  );
}

/** What is shown belongs to another duty: whoever has that one too may switch here. */
export function OtherDuty(props: { duty: Duty }) {
  const { t } = useTranslation();
  const session = useSignedIn();
  const changeDuty = useDutyChange();
  const duty = t(`duty.${props.duty}`);
  const mayChange = session.duties.includes(props.duty);
  return (
    <div className="page-state" role="alert">
      <p className="page-state__title">{t("state.otherDuty", { duty })}</p>
      <p>{mayChange ? t("state.otherDutyYours") : t("state.otherDutyHelp")}</p>
      {mayChange ? (
        <Button onClick={() => void changeDuty(props.duty)}>{t("state.changeDuty", { duty })}</Button>
      ) : null}
    </div>
  );
}
