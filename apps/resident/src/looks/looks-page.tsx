import { fillText, StateMark, type StateTone } from "@menshen/ui";
import type { Look } from "@menshen/wire";
import { useEffect, useState } from "react";
import { useLooks, usePlaces } from "../api/answers.ts";
import { request } from "../api/client.ts";
import { useTexts } from "../i18n/texts.ts";
import { useMoments } from "../layout/moments.ts";
import { Loading, Nothing, Problem } from "../layout/notices.tsx";
import { usePinnedLog } from "../log/use-log.ts";
import { placeName } from "../trail/place-name.ts";
import { type LookProof, verifyLook } from "./verify-look.ts";

/** A look appears within a minute: the page asks that often. */
const ASK_EVERY_MS = 30_000;

/** Who looked at one's data, each with the log's proof, checked here. */
export function LooksPage() {
  const t = useTexts();
  const looks = useLooks();
  const { again } = looks;
  useEffect(() => {
    const timer = setInterval(again, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [again]);
  return (
    <>
      <p className="plain-quiet">{t.looks.lead}</p>
      {looks.failure === undefined ? null : <Problem code={looks.failure} onRetry={again} />}
      {looks.value === undefined && looks.isAsking ? <Loading /> : null}
      {looks.value?.length === 0 ? <Nothing title={t.looks.none}>{t.looks.noneHelp}</Nothing> : null}
      <ul className="plain-list">
        {looks.value?.map((look, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two looks may be the same in all that is shown.
          <li key={`${look.at} ${index}`}>
            <OneLook look={look} />
          </li>
        ))}
      </ul>
    </>
  );
}

function OneLook(props: { look: Look }) {
  const { look } = props;
  switch (look.kind) {
    case "view":
      return <View look={look} />;
    case "opening":
      return <Opening look={look} />;
    case "refused":
      return <Refused look={look} />;
  }
}

function When(props: { at: number }) {
  const moments = useMoments();
  return (
    <time className="look__when" dateTime={new Date(props.at).toISOString()}>
      {moments.moment(props.at)}
    </time>
  );
}

function View(props: { look: Extract<Look, { kind: "view" }> }) {
  const t = useTexts();
  const { look } = props;
  return (
    <article className="look">
      <p className="look__who">
        {t.looks.body[look.body]} · {t.looks.role[look.role]}
      </p>
      <When at={look.at} />
      <dl className="plain-facts">
        <dt>{t.looks.purpose}</dt>
        <dd>
          {t.looks.purposeOf[look.reason.code]}
          {look.reason.text === undefined ? null : <span className="look__text">{look.reason.text}</span>}
        </dd>
        <dt>{t.looks.what}</dt>
        <dd>{t.looks.whatOf[look.what]}</dd>
      </dl>
      <Proof look={look} />
    </article>
  );
}

function Opening(props: { look: Extract<Look, { kind: "opening" }> }) {
  const t = useTexts();
  const moments = useMoments();
  const places = usePlaces();
  const { look } = props;
  const doors = look.accessPointIds.map((id) => placeName(t, id, places.value)).join(t.common.separator);
  return (
    <article className="look">
      <p className="look__who">{fillText(t.looks.opening.title, { count: look.entryCount })}</p>
      <When at={look.at} />
      <dl className="plain-facts">
        <dt>{t.looks.opening.authority}</dt>
        <dd>
          {look.authority}
          {look.documentNumber === undefined ? null : (
            <span className="look__text">{look.documentNumber}</span>
          )}
        </dd>
        <dt>{t.looks.purpose}</dt>
        <dd>{t.looks.opening.purposeOf[look.purpose]}</dd>
        <dt>{t.looks.opening.where}</dt>
        <dd>{doors}</dd>
        <dt>{t.looks.opening.when}</dt>
        <dd>
          {moments.moment(look.from)} – {moments.moment(look.until)}
        </dd>
        <dt>{t.looks.opening.requested}</dt>
        <dd>{moments.moment(look.requestedAt)}</dd>
      </dl>
      <Proof look={look} />
    </article>
  );
}

function Refused(props: { look: Look }) {
  const t = useTexts();
  return (
    <article className="look">
      <p className="look__who">{t.looks.refused}</p>
      <When at={props.look.at} />
    </article>
  );
}

const TONES: Readonly<Record<LookProof["proof"], StateTone>> = {
  verified: "granted",
  waiting: "quiet",
  gone: "quiet",
  none: "quiet",
  offline: "offline",
  failed: "alarm",
};

function Proof(props: { look: Look }) {
  const t = useTexts();
  const log = usePinnedLog();
  const [proof, setProof] = useState<LookProof>();
  const { look } = props;
  useEffect(() => {
    if (log === undefined) return;
    let isGone = false;
    void verifyLook(look, log, async (index) => (await request(`/log/proof/${index}`)).text()).then(
      (verified) => {
        if (!isGone) setProof(verified);
      },
    );
    return () => {
      isGone = true;
    };
  }, [look, log]);
  if (proof === undefined) return <StateMark tone="quiet">{t.looks.proof.checking}</StateMark>;
  const words = t.looks.proof[proof.proof];
  return (
    <StateMark tone={TONES[proof.proof]}>
      {proof.proof === "verified" ? fillText(words, { index: proof.index }) : words}
    </StateMark>
  );
}
