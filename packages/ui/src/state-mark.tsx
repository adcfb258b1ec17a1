import type { ReactNode } from "react";

/** What a state mark can say; each has its own shape, so that colour is never the only sign. */
export type StateTone = "granted" | "refused" | "alarm" | "offline" | "quiet";

const SHAPES: Record<StateTone, ReactNode> = {
  granted: <path d="M2 7.5 5.5 11 12 3.5" fill="none" stroke="currentColor" strokeWidth="2.2" />,
  refused: <rect x="2" y="5" width="10" height="4" fill="currentColor" />,
  alarm: <path d="M7 1 13.5 13H.5Z" fill="currentColor" />,
  offline: <path d="M2 2 12 12M12 2 2 12" fill="none" stroke="currentColor" strokeWidth="2" />,
  quiet: <circle cx="7" cy="7" r="2.5" fill="currentColor" />,
};

/** The shape of a state without its word, for where the word stands elsewhere; hidden from screen readers. */
export function StateShape(props: { tone: StateTone }) {
  return (
    <svg className="ms-state__shape" viewBox="0 0 14 14" aria-hidden="true" focusable="false">
      {SHAPES[props.tone]}
    </svg>
  );
}

/**
 * A state as shape, word and colour.
 *
 * @param props.tone which of the five kinds of state
 * @param props.children the word; required, because a shape alone says nothing to a screen reader
 */
export function StateMark(props: { tone: StateTone; children: ReactNode }) {
  return (
    <span className={`ms-state ms-state--${props.tone}`}>
      <StateShape tone={props.tone} />
      <span>{props.children}</span>
    </span>
  );
}
