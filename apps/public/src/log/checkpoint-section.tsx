import { toHex } from "@menshen/crypto";
import { fillText, StateMark } from "@menshen/ui";
import { useTexts } from "../i18n/texts.ts";
import { useMoments } from "../moments.ts";
import type { LogMemory } from "./log-memory.ts";
import type { ShownCheckpoint } from "./read-log.ts";

/** What the log says of itself now, and who witnessed it when. */
export function CheckpointSection(props: { memory: LogMemory; checkpoint: ShownCheckpoint }) {
  const t = useTexts();
  const moments = useMoments();
  const { log } = props.memory;
  const { checkpoint } = props;
  if (!checkpoint.shown) return null;
  const { size, root } = checkpoint.signed.checkpoint;
  return (
    <section aria-labelledby="checkpoint">
      <h2 id="checkpoint">{t.checkpoint.title}</h2>
      <dl className="plain-facts">
        <dt>{t.checkpoint.size}</dt>
        <dd className="log-size">{size}</dd>
        <dt>{t.checkpoint.root}</dt>
        <dd className="plain-mono">{toHex(root)}</dd>
        <dt>{t.checkpoint.key}</dt>
        <dd className="plain-mono">{log.logKey}</dd>
        <dt>{t.checkpoint.signed}</dt>
        <dd>
          <StateMark tone="granted">{t.checkpoint.signedBy}</StateMark>
        </dd>
      </dl>
      <h3>{t.witnesses.title}</h3>
      {log.witnesses.length === 0 ? <p>{t.witnesses.none}</p> : null}
      {log.quorum === 0 ? null : <p>{fillText(t.witnesses.quorum, { quorum: log.quorum })}</p>}
      <ul className="plain-list">
        {log.witnesses.map((witness) => {
          const found = checkpoint.cosignatures.find(({ key }) => key.name === witness.name);
          return (
            <li key={witness.key}>
              {t.witnesses.body[witness.body]} · {witness.name}{" "}
              {found?.timeSeconds === undefined ? (
                <StateMark tone="offline">{t.witnesses.missing}</StateMark>
              ) : (
                <StateMark tone="granted">
                  {fillText(t.witnesses.signed, { when: moments.ago(found.timeSeconds * 1_000) })}
                </StateMark>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
