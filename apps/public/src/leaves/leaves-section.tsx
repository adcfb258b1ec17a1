import { toHex } from "@menshen/crypto";
import { parseLeaf, type SignedCheckpoint, TILE_WIDTH } from "@menshen/evidence";
import { fillText, readLeafLink } from "@menshen/ui";
import { useEffect, useRef, useState } from "react";
import { topicName, useTexts } from "../i18n/texts.ts";
import { useBundle } from "./use-entry.ts";

/** Every entry of the log, a bundle to a page, the newest first. */
export function LeavesSection(props: { signed: SignedCheckpoint }) {
  const t = useTexts();
  const { size } = props.signed.checkpoint;
  const last = Math.max(0, Math.ceil(size / TILE_WIDTH) - 1);
  const [linked, setLinked] = useState(() => readLeafLink(location.hash));
  const [chosen, setChosen] = useState(linked === undefined ? undefined : pageOf(linked));
  const [wanted, setWanted] = useState(linked === undefined ? "" : String(linked));
  useEffect(() => {
    const follow = () => {
      const next = readLeafLink(location.hash);
      setLinked(next);
      if (next === undefined) return;
      setChosen(pageOf(next));
      setWanted(String(next));
    };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const page = Math.min(chosen ?? last, last);
  const bundle = useBundle(props.signed, page * TILE_WIDTH);
  if (size === 0) return null;
  const from = page * TILE_WIDTH;
  const to = Math.min(size, from + TILE_WIDTH) - 1;
  return (
    <section aria-labelledby="leaves">
      <h2 id="leaves">{t.leaves.title}</h2>
      <p>{t.leaves.help}</p>
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          const index = Number(wanted);
          if (wanted !== "" && Number.isSafeInteger(index) && index >= 0 && index < size) {
            setChosen(pageOf(index));
          }
        }}
      >
        <div className="plain-field">
          <label htmlFor="leaf-index">{t.leaves.goTo}</label>
          <input
            id="leaf-index"
            inputMode="numeric"
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          />
        </div>
        <button type="submit" className="plain-button">
          {t.leaves.go}
        </button>
      </form>
      <p aria-live="polite">{fillText(t.leaves.page, { from, to })}</p>
      {bundle === undefined ? <p role="status">{t.common.loading}…</p> : null}
      {bundle !== undefined && !bundle.read ? (
        <p role="alert" className="plain-notice plain-notice--alarm">
          ▲ {fillText(t.leaves.refused, { path: bundle.path, why: t.tileRefusal[bundle.refusal] })}
        </p>
      ) : null}
      {bundle?.read ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        <section className="leaves" tabIndex={0} aria-label={t.leaves.table}>
          <table className="counts">
            <thead>
              <tr>
                <th scope="col">{t.leaves.index}</th>
                <th scope="col">{t.leaves.topic}</th>
                <th scope="col">{t.leaves.commitment}</th>
              </tr>
            </thead>
            <tbody>
              {bundle.entries
                .map((entry, place) => ({ entry, index: from + place }))
                .toReversed()
                .map(({ entry, index }) => (
                  <LeafRow
                    key={index}
                    index={index}
                    entry={entry}
                    isWanted={String(index) === wanted}
                    isLinked={index === linked}
                  />
                ))}
            </tbody>
          </table>
        </section>
      ) : null}
      <div className="plain-actions">
        <button
          type="button"
          className="plain-button"
          disabled={page === last}
          onClick={() => setChosen(page + 1)}
        >
          {t.leaves.newer}
        </button>
        <button
          type="button"
          className="plain-button"
          disabled={page === 0}
          onClick={() => setChosen(page - 1)}
        >
          {t.leaves.older}
        </button>
      </div>
    </section>
  );
}

function pageOf(index: number): number {
  return Math.floor(index / TILE_WIDTH);
}

/** @param props.isLinked the page's address asks for it: it is brought into view */
function LeafRow(props: { index: number; entry: Uint8Array; isWanted: boolean; isLinked: boolean }) {
  const t = useTexts();
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (props.isLinked) row.current?.scrollIntoView({ block: "center" });
  }, [props.isLinked]);
  const parsed = parseLeaf(props.entry);
  return (
    <tr ref={row} className={props.isWanted ? "leaf--wanted" : undefined}>
      <td>{props.index}</td>
      <td>{parsed.parsed ? topicName(t, parsed.leaf.topic) : t.topics.unknown}</td>
      <td className="plain-mono" title={parsed.parsed ? toHex(parsed.leaf.commitment) : ""}>
        {parsed.parsed ? `${toHex(parsed.leaf.commitment).slice(0, 16)}…` : ""}
      </td>
    </tr>
  );
}
