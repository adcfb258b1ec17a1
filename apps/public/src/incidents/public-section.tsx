import { fillText } from "@menshen/ui";
import type { ReactNode } from "react";
import { useTexts } from "../i18n/texts.ts";
import { useRecordTexts } from "./texts.ts";

/** A heading with what stands under it, or that it is read still or cannot be; the same as JSON below. */
export function PublicSection<T>(props: {
  id: string;
  title: string;
  help?: string;
  path: string;
  found: T | "unreachable" | undefined;
  children: (found: T) => ReactNode;
}) {
  const t = useRecordTexts();
  const texts = useTexts();
  const { id, title, help, path, found } = props;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {help === undefined ? null : <p>{help}</p>}
      {found === undefined ? <p role="status">{texts.common.loading}…</p> : null}
      {found === "unreachable" ? <p role="alert">{t.unreachable}</p> : null}
      {found === undefined || found === "unreachable" ? null : props.children(found)}
      <p className="plain-quiet">
        <a href={path}>{t.asJson}</a>
      </p>
    </section>
  );
}

/** The entry of the log that says so, or that it is on its way there. */
export function LogEntry(props: { index: number | undefined }) {
  const t = useRecordTexts();
  if (props.index === undefined) return <span className="plain-quiet">{t.waiting}</span>;
  return <a href={`/public/#leaf=${props.index}`}>{fillText(t.entry, { index: props.index })}</a>;
}
