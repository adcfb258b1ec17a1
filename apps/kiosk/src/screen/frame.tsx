import { usePreferences } from "@menshen/ui";
import { type ReactNode, useEffect } from "react";
import { otherLanguage, TEXTS } from "../i18n/texts.ts";
import { Both } from "./both.tsx";

/**
 * What stands on the screen at all times: which door this is, what the camera is for, and the other language, low enough
 * for a hand from a wheelchair.
 *
 * @param props.isMuted the browser plays no sound before the first touch
 * @param props.call the button that calls for a guard; none where no gate could pass the call on
 */
export function Frame(props: {
  doorName?: string | undefined;
  isMuted?: boolean;
  call?: ReactNode;
  children: ReactNode;
}) {
  const { language, setLanguage } = usePreferences();
  const other = otherLanguage(language);
  const t = TEXTS[language];
  useEffect(() => {
    document.title = t.title;
  }, [t]);
  return (
    <div className="kiosk">
      <header className="kiosk__head">
        <img src="/kiosk/seal.svg" alt="" />
        <p className="kiosk__door">{props.doorName ?? "Menshen 门神"}</p>
      </header>
      <main className="kiosk__main">{props.children}</main>
      {props.call}
      <footer className="kiosk__foot">
        <p>
          <Both say={(texts) => texts.camera} />
        </p>
        {props.isMuted === true ? (
          <p className="kiosk__muted">
            <Both say={(texts) => texts.noSound} />
          </p>
        ) : null}
        <button type="button" className="plain-button" lang={other} onClick={() => setLanguage(other)}>
          {t.language}
        </button>
      </footer>
    </div>
  );
}
