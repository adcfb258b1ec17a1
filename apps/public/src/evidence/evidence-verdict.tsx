import { type EvidenceFault, evidenceFaultText, type VerifiedEvidence } from "@menshen/custody";
import { fillText, StateMark, usePreferences } from "@menshen/ui";
import { useEffect, useState } from "react";
import { useMoments } from "../moments.ts";
import { useEvidenceTexts } from "./texts.ts";

/** What is wrong, each fault in words. */
export function Faults(props: { faults: readonly EvidenceFault[]; sha256: string }) {
  const t = useEvidenceTexts();
  const locale = usePreferences().language === "en" ? "en" : "zh-CN";
  return (
    <section role="alert">
      <p>
        <StateMark tone="alarm">{t.bad}</StateMark>
      </p>
      <ul className="plain-list">
        {props.faults.map(({ code, part, detail }) => (
          <li key={`${code} ${part} ${detail ?? ""}`}>
            <span>
              {evidenceFaultText(code, locale)}
              <br />
              <code className="evidence-code">
                {part}
                {detail === undefined ? "" : ` · ${detail}`}
              </code>
            </span>
          </li>
        ))}
      </ul>
      <Digest name={t.fileSha} digest={props.sha256} />
    </section>
  );
}

/** What was proven, and what the community says beside. */
export function Verified(props: { found: VerifiedEvidence; sha256: string }) {
  const t = useEvidenceTexts();
  const { language } = usePreferences();
  const { moment } = useMoments();
  const { found } = props;
  const { record, time } = found;
  const doors = new Map(record.doors.map(({ id, name }) => [id, name]));
  return (
    <>
      <section role="status">
        <p>
          <StateMark tone="granted">{t.good}</StateMark>
        </p>
        {found.pinned ? (
          <p>{t.ofKey}</p>
        ) : (
          <div className="plain-notice plain-notice--due">
            <p>{t.notPinned}</p>
          </div>
        )}
        <Digest name={t.fingerprint} digest={found.keySha256} />
        <Digest name={t.fileSha} digest={props.sha256} />
        <p>
          {fillText(t.made, {
            community: record.communityName,
            when: moment(record.madeAt),
            by: record.madeBy,
          })}
          <br />
          {fillText(t.reason, { reason: record.reason })}
          <br />
          {fillText(t.logged, { when: moment(found.loggedAt), index: found.leafIndex })}
        </p>
        <p className="evidence-code">
          {time.stamped
            ? fillText(t.stamped, { when: moment(time.at), signer: time.signerSha256 })
            : fillText(t.notStamped, { why: time.why })}
        </p>
        <Report bytes={found.report} />
      </section>
      <section aria-labelledby="signs">
        <h2 id="signs">{t.signs}</h2>
        <ul className="plain-list">
          {record.signs.map((sign, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
            <li key={place}>
              <span>
                {sign.rule} {language === "en" ? sign.en : sign.zh}
                <br />
                <span className="plain-quiet">
                  {moment(sign.at)} · {doors.get(sign.accessPointId) ?? sign.accessPointId}
                </span>
              </span>
            </li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="taps">
        <h2 id="taps">{t.taps}</h2>
        <p>{fillText(t.tapsHelp, { count: found.events.length, batches: found.batches })}</p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a table that is wider than a phone is scrolled by keyboard, too */}
        <section className="evidence-table" tabIndex={0} aria-label={t.taps}>
          <table className="counts">
            <thead>
              <tr>
                {[t.time, t.door, t.result, t.counter, t.card].map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {found.events.map(({ stated, entry }) => (
                <tr key={`${stated.gateId} ${stated.sequence}`}>
                  <td>{moment(entry.earliest)}</td>
                  <td>{doors.get(entry.body.accessPointId) ?? ""}</td>
                  <td>{entry.body.granted ? t.granted : t.refused}</td>
                  <td>{entry.body.evidence?.counter ?? ""}</td>
                  <td>{stated.half === undefined ? "" : t[stated.half]}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </section>
      <section aria-labelledby="custody">
        <h2 id="custody">{t.custody}</h2>
        <ul className="plain-list">
          {record.custody.map(({ at, what, by, reason }, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes
            <li key={place}>
              <span>
                {t.acts[what] ?? what} · {by ?? t.server}
                <br />
                <span className="plain-quiet">
                  {moment(at)}
                  {reason === undefined ? "" : ` · ${reason}`}
                </span>
              </span>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function Digest(props: { name: string; digest: string }) {
  return (
    <p>
      {props.name}
      <br />
      <code className="evidence-code">{props.digest}</code>
    </p>
  );
}

/** The report, out of the package that was verified. */
function Report(props: { bytes: Uint8Array }) {
  const t = useEvidenceTexts();
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([Uint8Array.from(props.bytes)], { type: "application/pdf" }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [props.bytes]);
  return (
    <p>
      <a href={url} target="_blank" rel="noreferrer">
        {t.report}
      </a>
    </p>
  );
}
