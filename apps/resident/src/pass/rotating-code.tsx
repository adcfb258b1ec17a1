import { fillText, QrCode } from "@menshen/ui";
import { useEffect, useState } from "react";
import type { HeldPhonePass } from "../device/device-store.ts";
import { useTexts } from "../i18n/texts.ts";
import { phonePassText } from "./phone-key.ts";
import { ROTATE_EVERY_MS, type ShownCode, secondsLeft } from "./rotation.ts";
import { useAwakeScreen } from "./use-awake-screen.ts";

const TICK_MS = 500;

/** The code that opens, new every ten seconds, with the seconds until the next. Needs no network. */
export function RotatingCode(props: { held: HeldPhonePass }) {
  const t = useTexts();
  const { held } = props;
  const [code, setCode] = useState<ShownCode>();
  const [now, setNow] = useState(Date.now);
  useAwakeScreen();
  const isDue = code === undefined || secondsLeft(code, now) === 0;

  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    const look = () => setNow(Date.now());
    // A page that was in the background shows an old code: renewed before anybody sees it.
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  useEffect(() => {
    if (!isDue) return;
    let isGone = false;
    const madeAt = Date.now();
    void phonePassText(held, madeAt).then((text) => {
      if (!isGone) setCode({ text, madeAt });
    });
    return () => {
      isGone = true;
    };
  }, [isDue, held]);

  if (code === undefined) return <div className="ms-qr" />;
  const left = secondsLeft(code, now);
  return (
    <div className="pass-code">
      <QrCode text={code.text} label={t.pass.codeLabel} />
      <progress
        className="pass-code__left"
        max={ROTATE_EVERY_MS / 1_000}
        value={left}
        aria-label={t.pass.renews}
      />
      <p className="pass-code__words">{fillText(t.pass.renewsIn, { count: left })}</p>
    </div>
  );
}
