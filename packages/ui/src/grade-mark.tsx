import type { Grade } from "@menshen/domain";

/** A grade from A to E with its meaning as the accessible name. */
export function GradeMark(props: { grade: Grade; label: string }) {
  return (
    <span className="ms-grade" title={props.label}>
      <span aria-hidden="true">{props.grade}</span>
      <span className="ms-visually-hidden">{props.label}</span>
    </span>
  );
}
