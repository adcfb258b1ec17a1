import { Button } from "antd";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { LanguageSwitch } from "../../layout/language-switch.tsx";
import { useCommunity } from "./desk-context.tsx";
import { useIsAttending } from "./make-keys.tsx";

const IDLE_MS = 10 * 60_000;
const LOOK_EVERY_MS = 10_000;

/** The frame of the desk: whose it is, language, and the lock where there is something to lock. */
export function DeskFrame(props: { onLock?: (wasIdle: boolean) => void; children: ReactNode }) {
  const { t } = useTranslation("custodian");
  const { t: shared } = useTranslation();
  const community = useCommunity();
  const { onLock } = props;
  return (
    <div className="shell">
      <a className="shell__skip" href="#page">
        {t("skip")}
      </a>
      <header className="shell__bar">
        <Link to="/custodian" className="shell__brand">
          <img src="/seal.svg" alt="" width="24" height="24" />
          <span>{shared("common.brand")}</span>
        </Link>
        <span className="shell__community">
          {community.name} · {t("title")}
        </span>
        <div className="shell__tools">
          <LanguageSwitch />
          {onLock === undefined ? null : <Lock onLock={onLock} />}
        </div>
      </header>
      <main id="page" className="shell__page desk" tabIndex={-1}>
        {props.children}
      </main>
    </div>
  );
}

/** Locks when it is told to, and by itself after ten minutes without a hand on this page. */
function Lock(props: { onLock: (wasIdle: boolean) => void }) {
  const { t } = useTranslation("custodian");
  const isAttending = useIsAttending();
  const { onLock } = props;
  useEffect(() => {
    // The others would lose the keys that are being made; that ends by itself within minutes.
    if (isAttending) return;
    let usedAt = Date.now();
    const use = () => {
      usedAt = Date.now();
    };
    // Asked again and again rather than once: a machine that slept must find the page locked.
    const timer = setInterval(() => {
      if (Date.now() - usedAt >= IDLE_MS) onLock(true);
    }, LOOK_EVERY_MS);
    const events = ["pointerdown", "pointermove", "keydown", "wheel"] as const;
    for (const event of events) addEventListener(event, use, { passive: true });
    return () => {
      clearInterval(timer);
      for (const event of events) removeEventListener(event, use);
    };
  }, [isAttending, onLock]);
  return (
    <Button disabled={isAttending} onClick={() => onLock(false)}>
      {t("lock")}
    </Button>
  );
}
