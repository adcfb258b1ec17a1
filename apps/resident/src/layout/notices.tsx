import type { ReactNode } from "react";
import { problemText, useTexts } from "../i18n/texts.ts";

export function Loading() {
  const t = useTexts();
  return (
    <p role="status" className="plain-quiet">
      {t.common.loading}…
    </p>
  );
}

/** What went wrong and what to do; with `onRetry`, a way to try again. */
export function Problem(props: { code: string; onRetry?: () => void }) {
  const t = useTexts();
  return (
    <div role="alert" className="plain-notice plain-notice--due">
      <p>{problemText(t, props.code)}</p>
      {props.onRetry === undefined ? null : (
        <p>
          <button type="button" className="plain-link" onClick={props.onRetry}>
            {t.common.retry}
          </button>
        </p>
      )}
    </div>
  );
}

/** Nothing is there, and that is an answer. */
export function Nothing(props: { title: string; children: ReactNode }) {
  return (
    <div className="nothing">
      <p className="nothing__title">{props.title}</p>
      <p className="plain-quiet">{props.children}</p>
    </div>
  );
}
