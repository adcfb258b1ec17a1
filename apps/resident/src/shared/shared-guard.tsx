import "./shared.css";
import { fillText } from "@menshen/ui";
import { residentEndpoints } from "@menshen/wire";
import { useCallback, useEffect, useRef, useState } from "react";
import { request } from "../api/client.ts";
import { useTexts } from "../i18n/texts.ts";
import { countDown, IDLE_MS, LAST_MS, leftMs, SHARED_ADDRESS } from "./shared-screen.ts";

const TOUCHES = ["pointerdown", "keydown", "scroll", "wheel"] as const;

/** Ends the session, forgets how the last reader wanted the page, and begins anew: what was in memory is gone. */
function leave(): void {
  const { method, path } = residentEndpoints.signOut;
  // Goes out even while the page is closed; without a network the session ends by itself after minutes.
  request(path, { method, keepalive: true }).catch(() => {});
  for (const name of ["menshen.text-size", "menshen.appearance"]) localStorage.removeItem(name);
}

/** On a screen of several people: how long the session is left alone still, and the way out. */
export function SharedGuard() {
  const t = useTexts();
  const touchedAt = useRef(0);
  const [left, setLeft] = useState(IDLE_MS);

  const end = useCallback(() => {
    leave();
    history.replaceState(null, "", SHARED_ADDRESS);
    location.reload();
  }, []);

  useEffect(() => {
    const touched = () => {
      touchedAt.current = Date.now();
      setLeft(IDLE_MS);
    };
    touchedAt.current = Date.now();
    for (const name of TOUCHES) addEventListener(name, touched, { passive: true, capture: true });
    const timer = setInterval(() => {
      const now = leftMs(touchedAt.current, Date.now());
      setLeft(now);
      if (now === 0) end();
    }, 500);
    // Kept for going back, or closed: either way nobody finds it open.
    addEventListener("pagehide", leave);
    const shown = (event: PageTransitionEvent) => {
      if (event.persisted) end();
    };
    addEventListener("pageshow", shown);
    return () => {
      for (const name of TOUCHES) removeEventListener(name, touched, { capture: true });
      clearInterval(timer);
      removeEventListener("pagehide", leave);
      removeEventListener("pageshow", shown);
    };
  }, [end]);

  const isLast = left <= LAST_MS;
  return (
    <div className={isLast ? "shared shared--last plain-no-print" : "shared plain-no-print"}>
      <span role="timer">{fillText(t.shared.left, { time: countDown(left) })}</span>
      <span className="ms-visually-hidden" role="status">
        {isLast ? t.shared.soon : ""}
      </span>
      <button type="button" className="plain-button" onClick={end}>
        {t.shared.end}
      </button>
    </div>
  );
}
