import type { ReactNode } from "react";

/** Title of a page, one line of what it is for, and at most one primary action. */
export function PageHead(props: { title: string; lead?: string; action?: ReactNode }) {
  return (
    <div className="page-head">
      <div>
        <h1>{props.title}</h1>
        {props.lead === undefined ? null : <p>{props.lead}</p>}
      </div>
      {props.action}
    </div>
  );
}
