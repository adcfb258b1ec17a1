import { COUNTED_TOPICS } from "@menshen/evidence";
import { fillText } from "@menshen/ui";
import { type PathCounts, SMALL_COUNT } from "@menshen/wire";
import { useEffect, useState } from "react";
import { useTexts } from "../i18n/texts.ts";
import type { LogMemory } from "../log/log-memory.ts";
import type { AuditRun } from "../log/use-audit.ts";
import { useMoments } from "../moments.ts";
import { readPathCounts } from "./read-path-counts.ts";

/** How many homes and credentials the log has, counted in this browser from its first entry. */
export function CountsSection(props: { memory: LogMemory; audit: AuditRun }) {
  const t = useTexts();
  const moments = useMoments();
  const { memory, audit } = props;
  const counted = memory.credentials;
  const since =
    counted === undefined
      ? 0
      : Object.values(memory.topics).reduce((sum, count) => sum + count, 0) - counted.size;
  return (
    <section aria-labelledby="credentials">
      <h2 id="credentials">{t.credentials.title}</h2>
      <p>{t.credentials.help}</p>
      {counted === undefined ? (
        <p className="plain-quiet">{t.credentials.never}</p>
      ) : (
        <>
          <p className="plain-quiet">
            {fillText(t.credentials.upTo, { count: counted.size, when: moments.moment(counted.at) })}
            {since > 0 ? ` ${fillText(t.credentials.since, { count: since })}` : ""}
          </p>
          <table className="counts counts--figures">
            <thead>
              <tr>
                <th scope="col">{t.credentials.what}</th>
                <th scope="col">{t.credentials.inForce}</th>
                <th scope="col">{t.credentials.ended}</th>
              </tr>
            </thead>
            <tbody>
              {COUNTED_TOPICS.map((topic) => {
                const { issued, inForce } = counted.counts[topic];
                return (
                  <tr key={topic}>
                    <th scope="row">
                      {t.credentials.topic[topic]}
                      <span className="counts__why">{t.credentials.why[topic]}</span>
                    </th>
                    <td>{inForce}</td>
                    <td>{issued - inForce}</td>
                  </tr>
                );
              })}
              <tr>
                <th scope="row">
                  {t.credentials.tokenKeys}
                  <span className="counts__why">{t.credentials.tokenKeysWhy}</span>
                </th>
                <td colSpan={2}>
                  {fillText(t.credentials.issued, { count: memory.topics["token-key-issued"] ?? 0 })}
                </td>
              </tr>
            </tbody>
          </table>
        </>
      )}
      {audit.isRunning ? null : (
        <div className="plain-actions">
          <button type="button" className="plain-button" onClick={() => audit.start(true)}>
            {counted === undefined ? t.credentials.count : t.credentials.again}
          </button>
        </div>
      )}
      <ByBuilding />
    </section>
  );
}

/** As the server says: which doors a credential opens does not stand in the log. */
function ByBuilding() {
  const t = useTexts();
  const moments = useMoments();
  const [counts, setCounts] = useState<PathCounts | "unreachable">();
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each try asks once more
  useEffect(() => {
    let isGone = false;
    readPathCounts().then(
      (read) => {
        if (!isGone) setCounts(read);
      },
      // The counts from the log stand without it.
      () => {
        if (!isGone) setCounts("unreachable");
      },
    );
    return () => {
      isGone = true;
    };
  }, [tries]);
  if (counts === "unreachable") {
    return (
      <>
        <h3>{t.credentials.paths}</h3>
        <div role="alert" className="plain-notice plain-notice--due">
          <p>{t.credentials.pathsUnread}</p>
          <p>
            <button type="button" className="plain-link" onClick={() => setTries((count) => count + 1)}>
              {t.common.retry}
            </button>
          </p>
        </div>
      </>
    );
  }
  if (counts === undefined || counts.items.length === 0) return null;
  const said = (count: number | "few") =>
    count === "few" ? fillText(t.credentials.few, { count: SMALL_COUNT - 1 }) : count;
  return (
    <>
      <h3>{t.credentials.paths}</h3>
      <p>{t.credentials.pathsHelp}</p>
      <table className="counts counts--figures">
        <thead>
          <tr>
            <th scope="col">{t.credentials.building}</th>
            <th scope="col">{t.credentials.pathStaff}</th>
            <th scope="col">{t.credentials.pathService}</th>
            <th scope="col">{t.credentials.pathEmpty}</th>
          </tr>
        </thead>
        <tbody>
          {counts.items.map(({ buildingName, staff, service, emptyDwelling }) => (
            <tr key={buildingName ?? ""}>
              <th scope="row">{buildingName ?? t.credentials.common}</th>
              <td>{said(staff)}</td>
              <td>{said(service)}</td>
              <td>{said(emptyDwelling)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="plain-quiet">{fillText(t.credentials.pathsAt, { when: moments.moment(counts.at) })}</p>
    </>
  );
}
