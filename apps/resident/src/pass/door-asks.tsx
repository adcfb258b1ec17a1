import { fillText, QrCode, useCodeCamera } from "@menshen/ui";
import type { ResidentDoor } from "@menshen/wire";
import { useEffect, useState } from "react";
import type { HeldPhonePass } from "../device/device-store.ts";
import { useTexts } from "../i18n/texts.ts";
import { doorAnswerText } from "./phone-key.ts";
import { type ChallengeRead, type DoorAsks, readScanned, readTyped } from "./read-challenge.ts";
import { useAwakeScreen } from "./use-awake-screen.ts";

/** Answers a door: reads the code on its screen, by camera or by hand, and shows what the phone's key says to it. */
export function DoorAsksPage(props: { held: HeldPhonePass; doors: readonly ResidentDoor[] }) {
  const t = useTexts();
  const [asks, setAsks] = useState<DoorAsks>();
  const [why, setWhy] = useState<Extract<ChallengeRead, { read: false }>["why"]>();
  const [typed, setTyped] = useState("");

  function take(read: ChallengeRead): void {
    setWhy(read.read ? undefined : read.why);
    if (read.read) setAsks(read.asks);
  }

  if (asks !== undefined) {
    return <Answer held={props.held} asks={asks} onAgain={() => setAsks(undefined)} />;
  }
  return (
    <>
      <p>{t.pass.asks.lead}</p>
      <Scanner onText={(text) => take(readScanned(text, props.held.communityId, props.doors))} />
      {why === undefined ? null : (
        <p role="alert" className="plain-notice plain-notice--due">
          {t.pass.asks.why[why]}
        </p>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          take(readTyped(typed));
        }}
      >
        <div className="plain-field">
          <label htmlFor="door-code">{t.pass.asks.typed}</label>
          <input
            id="door-code"
            className="door-code"
            value={typed}
            placeholder="ABCD-EFGH"
            maxLength={12}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
        <div className="plain-actions">
          <button type="submit" className="plain-button">
            {t.pass.asks.submit}
          </button>
        </div>
      </form>
      <p>
        <a href="#/pass">{t.pass.asks.back}</a>
      </p>
    </>
  );
}

function Scanner(props: { onText: (text: string) => void }) {
  const t = useTexts();
  const { state, video } = useCodeCamera({ facing: "environment", onCode: props.onText });
  return (
    <div className="scanner">
      <video
        ref={video}
        className="scanner__picture"
        muted
        playsInline
        aria-label={t.pass.asks.camera.label}
      />
      {state === "on" ? null : <p className="scanner__state">{t.pass.asks.camera[state]}</p>}
    </div>
  );
}

function Answer(props: { held: HeldPhonePass; asks: DoorAsks; onAgain: () => void }) {
  const t = useTexts();
  const { held, asks } = props;
  const [text, setText] = useState<string>();
  useAwakeScreen();
  useEffect(() => {
    let isGone = false;
    void doorAnswerText(held, { challenge: asks.challenge, ...(asks.door && { door: asks.door }) }).then(
      (answer) => {
        if (!isGone) setText(answer);
      },
    );
    return () => {
      isGone = true;
    };
  }, [held, asks]);
  const words =
    asks.name !== undefined
      ? fillText(t.pass.asks.opens, { door: asks.name })
      : asks.door === undefined
        ? t.pass.asks.opensTyped
        : t.pass.asks.opensOther;
  return (
    <>
      <p className="answer-door" role="status">
        {words}
      </p>
      {text === undefined ? (
        <div className="ms-qr" />
      ) : (
        <QrCode text={text} label={t.pass.asks.answerLabel} />
      )}
      <p className="pass-code__words">{t.pass.asks.show}</p>
      <div className="plain-actions">
        <button type="button" className="plain-button" onClick={props.onAgain}>
          {t.pass.asks.again}
        </button>
        <a className="plain-button" href="#/pass">
          {t.pass.asks.back}
        </a>
      </div>
    </>
  );
}
