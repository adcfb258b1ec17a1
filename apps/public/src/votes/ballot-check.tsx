import { type BallotOpening, checkOpening, type OpeningFault, parseOpening } from "@menshen/custody";
import { fillText, StateMark } from "@menshen/ui";
import { fillPath, publicMotionEndpoints, type Recount } from "@menshen/wire";
import { useEffect, useState } from "react";
import { useVoteTexts } from "./texts.ts";

/** What an opened ballot turned out to be. */
type Found =
  | { readonly title: string; readonly opening: BallotOpening; readonly code: string }
  | "bad"
  | OpeningFault;

/** A ballot that its voter opened in place of casting it: made again here, for its code. Nothing where none is in the address. */
export function BallotCheck() {
  const t = useVoteTexts();
  const [text] = useState(() => ofAddress(location.hash));
  const [found, setFound] = useState<Found>();
  useEffect(() => {
    if (text === undefined) return undefined;
    // What opens a ballot stays in no history.
    history.replaceState(null, "", location.pathname);
    let isGone = false;
    check(text).then(
      (result) => {
        if (!isGone) setFound(result);
      },
      () => {
        if (!isGone) setFound("bad");
      },
    );
    return () => {
      isGone = true;
    };
  }, [text]);
  if (text === undefined) return null;
  return (
    <section aria-labelledby="ballot-check" className="plain-notice">
      <h2 id="ballot-check">{t.check.title}</h2>
      {found === undefined ? <p role="status">{t.check.checking}</p> : null}
      {typeof found === "string" ? <StateMark tone="alarm">{t.check.fault[found]}</StateMark> : null}
      {found === undefined || typeof found === "string" ? null : (
        <>
          <p>{fillText(t.check.says, { title: found.title, number: found.opening.number })}</p>
          <p className="log-size">{t.check.choice[found.opening.choice]}</p>
          <p>{t.check.code}</p>
          <p className="log-size">
            <code>{(found.code.match(/.{1,4}/g) ?? []).join(" ")}</code>
          </p>
          <p className="plain-quiet">{t.check.help}</p>
        </>
      )}
    </section>
  );
}

function ofAddress(hash: string): string | undefined {
  if (!hash.startsWith("#ballot=")) return undefined;
  try {
    return decodeURIComponent(hash.slice("#ballot=".length));
  } catch {
    return "";
  }
}

async function check(text: string): Promise<Found> {
  const opening = parseOpening(text);
  if (opening === undefined) return "bad";
  const { path } = publicMotionEndpoints.recount;
  const response = await fetch(fillPath(path, { id: opening.motionId }));
  if (!response.ok) return "bad";
  const recount: Recount = await response.json();
  const checked = checkOpening(recount, opening);
  return checked.good ? { title: recount.motion.title, opening, code: checked.code } : checked.fault;
}
