import { useDevice } from "../device/device-context.tsx";
import { useTexts } from "../i18n/texts.ts";
import { SHARED_ADDRESS } from "../shared/shared-screen.ts";

/** A device without a key: what this is, and the two ways in. */
export function WelcomePage(props: { isForeign: boolean }) {
  const t = useTexts();
  const { isShared } = useDevice();
  return (
    <>
      <p>{isShared ? t.shared.lead : t.welcome.lead}</p>
      {props.isForeign ? (
        <p className="plain-notice plain-notice--due">{t.welcome.wrongCommunity}</p>
      ) : (
        <>
          <div className="plain-actions plain-actions--column">
            <a className={isShared ? "plain-button" : "plain-button plain-button--main"} href="#/join">
              {t.welcome.join}
            </a>
            <a className={isShared ? "plain-button plain-button--main" : "plain-button"} href="#/recover">
              {t.welcome.recover}
            </a>
          </div>
          <p className="plain-quiet">{t.welcome.noCode}</p>
        </>
      )}
      <ul className="plain-list">
        <li>
          <a href="/public/">{t.home.publicLog}</a>
        </li>
        <li>
          <a href="#/help">{t.nav.titleOf.help}</a>
        </li>
        <li>
          <a href="#/deletion">{t.homeNav.deletion}</a>
        </li>
        {isShared ? null : (
          <li>
            <a href={SHARED_ADDRESS}>{t.shared.enter}</a>
          </li>
        )}
        {props.isForeign ? (
          <li>
            <a href="#/device">{t.home.device}</a>
          </li>
        ) : null}
      </ul>
    </>
  );
}
