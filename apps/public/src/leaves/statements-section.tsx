import { type SignedCheckpoint, TILE_WIDTH } from "@menshen/evidence";
import { fillText, StateMark, type StateTone } from "@menshen/ui";
import { EVIDENCE_TOPICS, evidenceEndpoints, type PublicStatement } from "@menshen/wire";
import { useCallback, useEffect, useState } from "react";
import { topicName, useTexts } from "../i18n/texts.ts";
import { useMoments } from "../moments.ts";
import { proveStatement, type StatementProof } from "./open-statement.ts";
import { useBundle } from "./use-entry.ts";

const PAGE = 20;

interface Filter {
  readonly topic: string;
  /** `YYYY-MM-DD`, both inclusive; empty: open. */
  readonly from: string;
  readonly until: string;
}

/** Statements that everybody may read, each opened against the verified log. */
export function StatementsSection(props: { signed: SignedCheckpoint }) {
  const t = useTexts();
  const [filter, setFilter] = useState<Filter>({ topic: "", from: "", until: "" });
  const [items, setItems] = useState<readonly PublicStatement[]>();
  const [cursor, setCursor] = useState<string>();

  const load = useCallback(async (wanted: Filter, after: string | undefined) => {
    const page = await readStatements(wanted, after);
    setItems((before) => (after === undefined ? page.items : [...(before ?? []), ...page.items]));
    setCursor(page.nextCursor);
  }, []);
  useEffect(() => {
    load(filter, undefined).catch(() => setItems([]));
  }, [filter, load]);

  const field = (name: "from" | "until") => (
    <div className="plain-field">
      <label htmlFor={`statements-${name}`}>{t.statements[name]}</label>
      <input
        id={`statements-${name}`}
        type="date"
        value={filter[name]}
        onChange={(event) => setFilter({ ...filter, [name]: event.target.value })}
      />
    </div>
  );
  return (
    <section aria-labelledby="statements">
      <h2 id="statements">{t.statements.title}</h2>
      <p>{t.statements.help}</p>
      <div className="filters">
        <div className="plain-field">
          <label htmlFor="statements-topic">{t.statements.topic}</label>
          <select
            id="statements-topic"
            value={filter.topic}
            onChange={(event) => setFilter({ ...filter, topic: event.target.value })}
          >
            <option value="">{t.statements.all}</option>
            {EVIDENCE_TOPICS.map((topic) => (
              <option key={topic} value={topic}>
                {topicName(t, topic)}
              </option>
            ))}
          </select>
        </div>
        {field("from")}
        {field("until")}
      </div>
      {items === undefined ? <p role="status">{t.common.loading}…</p> : null}
      {items?.length === 0 ? <p>{t.statements.none}</p> : null}
      <ul className="plain-list">
        {items?.map((statement) => (
          <li key={statement.leafId}>
            <Statement statement={statement} signed={props.signed} />
          </li>
        ))}
      </ul>
      {cursor === undefined ? null : (
        <div className="plain-actions">
          <button type="button" className="plain-button" onClick={() => void load(filter, cursor)}>
            {t.statements.more}
          </button>
        </div>
      )}
    </section>
  );
}

const TONES: Readonly<Record<StatementProof, StateTone>> = {
  opened: "granted",
  waiting: "quiet",
  "does-not-open": "alarm",
};

function Statement(props: { statement: PublicStatement; signed: SignedCheckpoint }) {
  const t = useTexts();
  const moments = useMoments();
  const { statement } = props;
  const bundle = useBundle(props.signed, statement.index);
  const refused = bundle !== undefined && !bundle.read;
  const entry = bundle?.read ? bundle.entries[(statement.index ?? 0) % TILE_WIDTH] : undefined;
  const proof = proveStatement(statement, entry);
  return (
    <article className="statement">
      <p className="statement__head">
        <strong>{topicName(t, statement.topic)}</strong>{" "}
        <time dateTime={new Date(statement.at).toISOString()}>{moments.moment(statement.at)}</time>
      </p>
      {refused ? (
        <StateMark tone="alarm">
          {fillText(t.statements.proof.tile, { path: bundle.path, why: t.tileRefusal[bundle.refusal] })}
        </StateMark>
      ) : (
        <StateMark tone={TONES[proof]}>
          {fillText(t.statements.proof[proof], { index: statement.index ?? 0 })}
        </StateMark>
      )}
      <pre className="statement__text">{pretty(statement.statement)}</pre>
    </article>
  );
}

function pretty(statement: string): string {
  try {
    return JSON.stringify(JSON.parse(statement), undefined, 2);
  } catch {
    return statement;
  }
}

async function readStatements(
  { topic, from, until }: Filter,
  cursor: string | undefined,
): Promise<{ readonly items: readonly PublicStatement[]; readonly nextCursor?: string }> {
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (cursor !== undefined) query.set("cursor", cursor);
  if (topic !== "") query.set("topic", topic);
  if (from !== "") query.set("from", String(new Date(`${from}T00:00`).getTime()));
  // The day named is part of what is asked for.
  if (until !== "") query.set("until", String(new Date(`${until}T00:00`).getTime() + 86_400_000));
  const response = await fetch(`${evidenceEndpoints.statements.path}?${query}`);
  if (!response.ok) throw new Error("no statements");
  return response.json();
}
