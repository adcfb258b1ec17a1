import { type ReactNode, useId } from "react";

/** Topics of one kind, each one large target. */
export function Topics(props: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <nav aria-labelledby={id}>
      <h2 id={id} className="rights__title">
        {props.title}
      </h2>
      <ul className="rights__list">{props.children}</ul>
    </nav>
  );
}

/** A way to a page, with its newest fact or what it is for. */
export function Topic(props: { href: string; title: string; fact: string }) {
  return (
    <li>
      <a className="right" href={props.href}>
        <span className="right__title">{props.title}</span>
        <span className="right__fact">{props.fact}</span>
      </a>
    </li>
  );
}
