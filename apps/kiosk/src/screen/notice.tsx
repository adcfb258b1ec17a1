import type { ReactNode } from "react";
import type { Texts } from "../i18n/zh-CN.ts";
import { Both } from "./both.tsx";

/** What a screen says over its whole face; each has its own shape, so that colour is never the only sign. */
export type NoticeTone = "granted" | "refused" | "offline" | "quiet";

const SHAPES: Readonly<Record<NoticeTone, ReactNode>> = {
  granted: <path d="M10 54 38 82 90 22" fill="none" stroke="currentColor" strokeWidth="14" />,
  refused: <rect x="8" y="36" width="84" height="28" fill="currentColor" />,
  offline: <path d="M16 16 84 84M84 16 16 84" fill="none" stroke="currentColor" strokeWidth="12" />,
  quiet: <circle cx="50" cy="50" r="18" fill="currentColor" />,
};

/**
 * One thing said so that nobody misses it.
 *
 * @param props.lines what comes after the title: why, and what to do now
 */
export function Notice(props: {
  tone: NoticeTone;
  title: (texts: Texts) => string;
  lines: readonly ((texts: Texts, language: "zh-CN" | "en") => string)[];
}) {
  return (
    <div className={`notice notice--${props.tone}`}>
      <svg className="notice__shape" viewBox="0 0 100 100" aria-hidden="true" focusable="false">
        {SHAPES[props.tone]}
      </svg>
      <h1>
        <Both say={props.title} />
      </h1>
      {props.lines.map((say, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one notice never change their order
        <p key={place}>
          <Both say={say} />
        </p>
      ))}
    </div>
  );
}
