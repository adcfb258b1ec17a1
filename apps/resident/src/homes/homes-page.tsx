import { fillText, leafLink, StateMark, type StateTone } from "@menshen/ui";
import { type ResidentHome, residentEndpoints } from "@menshen/wire";
import { useCallback, useEffect, useMemo, useState } from "react";
import { usePlaces } from "../api/answers.ts";
import { call } from "../api/client.ts";
import { useAnswer } from "../api/use-answer.ts";
import { useOwned } from "../device/device-context.tsx";
import { useTexts } from "../i18n/texts.ts";
import { credentialName } from "../layout/credential-name.ts";
import { useMoments } from "../layout/moments.ts";
import { Loading, Problem } from "../layout/notices.tsx";
import { usePinnedLog } from "../log/use-log.ts";
import { placeName } from "../trail/place-name.ts";
import { type HomeKeyRow, judgeHome, type KeyState, LOUD_STATES, readRegistration } from "./judge-home.ts";
import { type KeysLook, lastLook, lookForKeys } from "./look-for-keys.ts";
import type { FoundHome } from "./watch-homes.ts";

const askHomes = async () => (await call(residentEndpoints.homes, {})).items;

const TONES: Readonly<Record<KeyState, StateTone>> = {
  explained: "granted",
  ended: "quiet",
  unpublished: "quiet",
  unexplained: "alarm",
  twice: "alarm",
  missing: "alarm",
};

/** Every credential that opens the way home, found in the public log by this device itself. */
export function HomesPage() {
  const t = useTexts();
  const moments = useMoments();
  const { store } = useOwned();
  const log = usePinnedLog();
  const homes = useAnswer("homes", askHomes);
  const [look, setLook] = useState<KeysLook>();
  const [verified, setVerified] = useState<number>();
  const [hasFailed, setHasFailed] = useState(false);
  const { value } = homes;

  const run = useCallback(async () => {
    if (log === undefined || value === undefined || value.length === 0) return;
    setHasFailed(false);
    setVerified(0);
    try {
      const last = await lastLook(store);
      setLook((shown) => shown ?? last);
      setLook(await lookForKeys(store, log, value, setVerified));
    } catch {
      setHasFailed(true);
    }
    setVerified(undefined);
  }, [store, log, value]);
  useEffect(() => {
    void run();
  }, [run]);

  const isBroken = look?.findings.some((finding) => finding !== "too-few-witnesses") ?? false;
  return (
    <>
      <p>{t.homes.lead}</p>
      {homes.failure === undefined ? null : <Problem code={homes.failure} onRetry={homes.again} />}
      {value === undefined && homes.isAsking ? <Loading /> : null}
      {value?.length === 0 ? <p className="plain-notice">{t.homes.none}</p> : null}
      {verified === undefined ? null : (
        <p role="status" className="plain-notice">
          {fillText(t.homes.looking, { done: verified })}…
        </p>
      )}
      {isBroken ? (
        <p role="alert" className="plain-notice plain-notice--alarm">
          ▲ {t.homes.broken}
        </p>
      ) : null}
      {look?.findings.includes("too-few-witnesses") ? <p className="plain-notice">{t.homes.tooFew}</p> : null}
      {hasFailed ? <p className="plain-notice plain-notice--due">{t.homes.failed}</p> : null}
      {look === undefined || value === undefined
        ? null
        : value.map((home) => <OneHome key={home.dwellingId} home={home} look={look} />)}
      {look === undefined ? null : (
        <p className="plain-quiet">
          {fillText(t.homes.upTo, { count: look.watched.size, when: moments.moment(look.at) })}
        </p>
      )}
      <div className="plain-actions plain-no-print">
        <button
          type="button"
          className="plain-button"
          disabled={verified !== undefined || value === undefined}
          onClick={() => void run()}
        >
          {t.homes.again}
        </button>
        {look === undefined ? null : (
          <button type="button" className="plain-button" onClick={() => print()}>
            {t.homes.print}
          </button>
        )}
      </div>
      <p className="plain-no-print">
        <a href="/public/">{t.homes.publicCount}</a>
      </p>
    </>
  );
}

function OneHome(props: { home: ResidentHome; look: KeysLook }) {
  const t = useTexts();
  const places = usePlaces();
  const { home, look } = props;
  const found = look.watched.homes.find(({ dwellingTag }) => dwellingTag === home.dwellingTag);
  const rows = useMemo(
    () => (found === undefined ? [] : judgeHome(home, found, look.watched.size)),
    [home, found, look.watched.size],
  );
  if (found === undefined) return null;
  const doorIds = doorsOf(found, look);
  const isForeign = doorIds === undefined || found.homeKey !== home.homeKey;
  const loud = rows.filter(({ state }) => LOUD_STATES.includes(state)).length;
  const inForce = rows.filter(({ state }) => state !== "ended" && state !== "unpublished").length;
  return (
    <section aria-label={home.name}>
      <h2>{home.name}</h2>
      {loud === 0 && !isForeign ? (
        <p>
          <StateMark tone="granted">{t.homes.good}</StateMark>
        </p>
      ) : (
        <div role="alert" className="plain-notice plain-notice--alarm">
          {loud === 0 ? null : (
            <>
              <p>
                <strong>▲ {fillText(t.homes.bad, { count: loud })}</strong>
              </p>
              <p>{t.homes.badHelp}</p>
            </>
          )}
          {isForeign ? <p>▲ {t.homes.keyChanged}</p> : null}
        </div>
      )}
      {loud === 0 && !isForeign ? null : (
        <details className="visit-details" open>
          <summary>{t.homes.todo}</summary>
          <ol>
            {t.homes.todoSteps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </details>
      )}
      <p>{fillText(t.homes.count, { count: inForce })}</p>
      {doorIds === undefined || doorIds.length === 0 ? null : (
        <p className="plain-quiet">
          {fillText(t.homes.doors, {
            doors: doorIds.map((id) => placeName(t, id, places.value)).join(t.common.separator),
          })}
        </p>
      )}
      <ul className="plain-list">
        {rows.map((row) => (
          <li key={row.number}>
            <Row row={row} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The access points of the home's last registration; undefined if one of them is not the home's own. */
function doorsOf(found: FoundHome, look: KeysLook): readonly string[] | undefined {
  let doors: readonly string[] | undefined = [];
  for (const registration of found.registrations) {
    doors = readRegistration(registration, found, look.registrations[registration.index]);
    if (doors === undefined) return undefined;
  }
  return doors;
}

function Row(props: { row: HomeKeyRow }) {
  const t = useTexts();
  const moments = useMoments();
  const { row } = props;
  const { told } = row;
  const name =
    row.kind === undefined
      ? fillText(t.homes.number, { number: row.number })
      : credentialName(t, row.kind, told?.label ?? "");
  const visit = told?.visit;
  return (
    <article>
      <p className="look__who">
        {visit === undefined ? name : t.visits.purpose[visit.purpose]}
        {told === undefined || visit !== undefined ? null : (
          <span className="visit-kind"> · {told.holder ?? t.homes.nobody}</span>
        )}
      </p>
      {visit === undefined ? null : (
        <p>
          {moments.moment(visit.from)} – {moments.moment(visit.until)}
        </p>
      )}
      <StateMark tone={TONES[row.state]}>{t.homes.state[row.state]}</StateMark>
      <p className="plain-quiet">
        {fillText(t.homes.number, { number: row.number })}
        {row.indexes.map((index) => (
          <span key={index}>
            {" · "}
            <a href={leafLink(index)}>{fillText(t.homes.entry, { index })}</a>
          </span>
        ))}
      </p>
    </article>
  );
}
