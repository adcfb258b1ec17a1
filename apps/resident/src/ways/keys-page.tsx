import { useDevice } from "../device/device-context.tsx";
import { useTexts } from "../i18n/texts.ts";
import { Topic, Topics } from "../layout/topics.tsx";
import { OwnWays } from "./own-ways.tsx";

/** How I get in, and who else does at my home. */
export function KeysPage() {
  const t = useTexts();
  const { isShared } = useDevice();
  return (
    <>
      <OwnWays />
      <div className="rights plain-no-print">
        <Topics title={t.nav.more}>
          {isShared ? null : (
            <>
              <Topic href="#/pass" title={t.pass.title} fact={t.nav.passFact} />
              <Topic href="#/phones" title={t.homeNav.phones} fact={t.homeNav.phonesFact} />
            </>
          )}
          <Topic href="#/cards" title={t.cardsAsked.title} fact={t.cardsAsked.fact} />
          <Topic href="#/receipts" title={t.receipts.title} fact={t.nav.receiptsFact} />
        </Topics>
        <Topics title={t.home.ownHome}>
          <Topic href="#/household" title={t.homeNav.household} fact={t.homeNav.householdFact} />
          {isShared ? null : <Topic href="#/homes" title={t.homeNav.homes} fact={t.homeNav.homesFact} />}
        </Topics>
      </div>
    </>
  );
}
