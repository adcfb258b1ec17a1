import { COUNTED_TOPICS } from "@menshen/evidence";
import { fillText } from "@menshen/ui";
import { useTexts } from "../i18n/texts.ts";
import type { LogMemory } from "../log/log-memory.ts";
import type { AuditRun } from "../log/use-audit.ts";
import { useMoments } from "../moments.ts";

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
    </section>
  );
}
