import { fillText, StateMark } from "@menshen/ui";
import type { ResidentMe, ResidentPlaces } from "@menshen/wire";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useMe, usePlaces } from "../api/answers.ts";
import { signIn } from "../api/session.ts";
import { useOwned } from "../device/device-context.tsx";
import type { TrailEntry } from "../device/device-store.ts";
import { type Texts, useTexts } from "../i18n/texts.ts";
import { credentialName } from "../layout/credential-name.ts";
import { useMoments } from "../layout/moments.ts";
import { Loading, Nothing, Problem } from "../layout/notices.tsx";
import { groupDays } from "./group-days.ts";
import { NamingNotices } from "./naming-notices.tsx";
import { placeName } from "./place-name.ts";
import type { ReadingState } from "./read-wraps.ts";
import { readTrail, TrailError } from "./trail-reading.ts";
import { useEntries } from "./use-entries.ts";

const SHOWN_AT_ONCE = 200;

/** One's own comings and goings, read and opened on this device. */
export function TrailPage() {
  const t = useTexts();
  const moments = useMoments();
  const { store, owner, isShared } = useOwned();
  const me = useMe();
  const places = usePlaces();
  const { entries, progress, refresh } = useEntries();
  const [reading, setReading] = useState<ReadingState | "starting">();
  const [failure, setFailure] = useState<string>();
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const firstPosition = me.value?.firstPosition;

  const read = useCallback(async () => {
    if (firstPosition === undefined) return;
    setFailure(undefined);
    setReading("starting");
    try {
      await signIn(owner);
      await readTrail({ store, seed: owner.seed, firstPosition }, setReading);
    } catch (error) {
      setFailure(codeOf(error));
    }
    setReading(undefined);
    refresh();
  }, [store, owner, firstPosition, refresh]);

  useEffect(() => {
    if (!me.isAsking && !me.isOld) void read();
  }, [read, me.isAsking, me.isOld]);

  const days = useMemo(
    () => groupDays((entries ?? []).slice(0, shown), moments.dayName),
    [entries, shown, moments],
  );
  const problem = failure ?? me.failure;
  const isReading = reading !== undefined || me.isAsking;
  return (
    <>
      {me.value === undefined ? null : (
        <p className="plain-quiet">
          {fillText(t.trail.lead, { when: moments.moment(me.value.registeredAt) })}
        </p>
      )}
      <NamingNotices />
      {isReading ? <Progress reading={reading} /> : null}
      {problem === undefined ? null : <Problem code={problem} onRetry={me.again} />}
      {problem !== undefined && progress !== undefined ? (
        <p className="plain-quiet">{fillText(t.trail.stale, { when: moments.moment(progress.readAt) })}</p>
      ) : null}
      {entries === undefined ? <Loading /> : null}
      {entries?.length === 0 && !isReading && problem === undefined ? (
        <Nothing title={t.trail.none}>{t.trail.noneHelp}</Nothing>
      ) : null}
      {days.map(({ day, entries: ofDay }) => (
        <section key={day}>
          <h2>
            {day} <span className="day-count">{fillText(t.trail.day, { count: ofDay.length })}</span>
          </h2>
          <ul className="plain-list">
            {ofDay.map((entry) => (
              <Passage key={entry.id} entry={entry} me={me.value} places={places.value} />
            ))}
          </ul>
        </section>
      ))}
      {entries !== undefined && entries.length > shown ? (
        <div className="plain-actions">
          <button type="button" className="plain-button" onClick={() => setShown(shown + SHOWN_AT_ONCE)}>
            {t.trail.more}
          </button>
        </div>
      ) : null}
      {isReading ? null : (
        <div className="plain-actions">
          <button type="button" className="plain-button" onClick={me.again}>
            {t.trail.refresh}
          </button>
          {days.length === 0 ? null : (
            <button type="button" className="plain-button" onClick={() => print()}>
              {t.common.print}
            </button>
          )}
        </div>
      )}
      {isShared ? null : (
        <p className="plain-no-print">
          <a href="#/device">{t.home.device}</a>
        </p>
      )}
    </>
  );
}

function codeOf(error: unknown): string {
  if (error instanceof TrailError) return error.code;
  return error instanceof Error && "code" in error ? String(error.code) : "internal";
}

function Progress(props: { reading: ReadingState | "starting" | undefined }) {
  const t = useTexts();
  const { reading } = props;
  if (reading === undefined || reading === "starting") return <Loading />;
  const { bucketsDone: done, bucketsTotal: total } = reading;
  return (
    <div className="plain-notice">
      <p role="status">{fillText(t.trail.reading, { done, total })}</p>
      <progress className="plain-progress" max={Math.max(1, total)} value={done} aria-label={t.trail.title} />
      <p className="plain-quiet">{t.trail.readingHelp}</p>
    </div>
  );
}

function Passage(props: {
  entry: TrailEntry;
  me: ResidentMe | undefined;
  places: ResidentPlaces | undefined;
}) {
  const t = useTexts();
  const moments = useMoments();
  const { entry } = props;
  return (
    <li className="passage">
      <time className="passage__time" dateTime={new Date(entry.at).toISOString()}>
        {moments.clock(entry.at)}
      </time>
      <span className="passage__place">{placeName(t, entry.accessPointId, props.places)}</span>
      <span className="passage__card plain-quiet">{cardName(t, entry, props.me)}</span>
      <span className="passage__state">
        <StateMark tone={entry.granted ? "granted" : "refused"}>
          {entry.granted ? t.trail.granted : t.trail.refused}
        </StateMark>
      </span>
      {entry.granted ? null : <span className="passage__reason">{reasonWords(t, entry.reason)}</span>}
    </li>
  );
}

function cardName(t: Texts, entry: TrailEntry, me: ResidentMe | undefined): string {
  const card = me?.credentials.find(({ keyStart }) => keyStart === entry.keyStart);
  // A visitor's pass is known by the telephone that signed it.
  if (entry.kind === "pass" && card !== undefined) return fillText(t.trail.visitor, { label: card.label });
  return credentialName(t, entry.kind, card?.label ?? "");
}

function reasonWords(t: Texts, code: string): string {
  return lookUp(t.reason, code) ?? t.reason.unknown;
}

function lookUp(words: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(words, code) ? words[code] : undefined;
}
