import { Button, Spin } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError } from "../api/client.ts";

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
  const text =
    props.error.code === "forbidden" || props.error.code === "wrong-duty"
      ? t("state.forbidden")
      : t("state.failed");
  return (
    <div className="page-state" role="alert">
      <p className="page-state__title">{text}</p>
      <p>{props.error.problem?.detail ?? props.error.problem?.title}</p>
      <Button onClick={props.onRetry}>{t("common.retry")}</Button>
    </div>
  );
}
