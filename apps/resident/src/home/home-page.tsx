import { fillText } from "@menshen/ui";
import { useEffect } from "react";
import { useAnsweredComplaints, useLooks, useMe, usePlaces, useReceipts } from "../api/answers.ts";
import { useOwned } from "../device/device-context.tsx";
import { useTexts } from "../i18n/texts.ts";
import { useMoments } from "../layout/moments.ts";
import { Problem } from "../layout/notices.tsx";
import { receiptsNotice } from "../receipts/receipt-words.ts";
import { placeName } from "../trail/place-name.ts";
import { useEntries } from "../trail/use-entries.ts";

/** The rights, on the first screen, each with its newest fact. */
export function HomePage() {
  const t = useTexts();
  const moments = useMoments();
  const { owner, isShared } = useOwned();
  const me = useMe(true);
  const places = usePlaces();
  const looks = useLooks();
  const receipts = useReceipts();
  const asked = receiptsNotice(t, receipts.value ?? [], moments.day);
  const [answered, ...others] = useAnsweredComplaints().value ?? [];
  const { entries } = useEntries();
  useEffect(() => {
    document.title = t.common.brand;
  }, [t]);

  return (
    <>
      <p className="greeting">{me.value?.displayName}</p>
      {me.failure === "key-refused" ? (
        <div role="alert" className="plain-notice plain-notice--due">
          <p>
            <strong>{t.home.refused}</strong>
          </p>
          <p>{t.home.refusedHelp}</p>
          <p>
            <a href="#/join">{t.welcome.join}</a>
          </p>
        </div>
      ) : null}
      {/* Above whatever else there is to say: the button that opens is where it was. */}
      {isShared ? null : <WaysToOpen />}
      {me.failure !== undefined && me.failure !== "key-refused" ? (
        <Problem code={me.failure} onRetry={me.again} />
      ) : null}
      {owner.hasConfirmedCode ? null : (
        <div className="plain-notice plain-notice--due">
          <p>
            <strong>{t.home.unconfirmed}</strong>
          </p>
          <p>{t.home.unconfirmedHelp}</p>
          <p>
            <a href="#/code">{t.home.unconfirmedAction}</a>
          </p>
        </div>
      )}
      {asked === undefined ? null : (
        <div className="plain-notice">
          <p>{asked}</p>
          <p>
            <a href="#/receipts">{t.receipts.look}</a>
          </p>
        </div>
      )}
      {answered === undefined ? null : (
        <div className="plain-notice">
          <p>{t.home.answered}</p>
          <p>
            <a href={others.length === 0 ? `#/complaints/${answered.id}` : "#/complaints"}>
              {t.home.readAnswer}
            </a>
          </p>
        </div>
      )}
      <nav className="rights tiles" aria-label={t.home.rights}>
        <Tile
          href="#/trail"
          title={t.home.trail}
          fact={factOf(entries, t.home.trailNone, (last) =>
            fillText(t.home.trailLast, {
              when: moments.recent(last.at),
              where: placeName(t, last.accessPointId, places.value),
            }),
          )}
        />
        <Tile
          href="#/looks"
          title={t.home.looks}
          fact={factOf(looks.value, t.home.looksNone, (look) =>
            fillText(t.home.looksLast, { when: moments.recent(look.at) }),
          )}
        />
        <Tile href="#/keys" title={t.nav.mine} fact={t.nav.waysFact} />
        <Tile href="#/consents" title={t.homeNav.consents} fact={t.homeNav.consentsFact} />
        <Tile href="#/household" title={t.homeNav.household} fact={t.homeNav.householdFact} />
        <Tile href="#/votes" title={t.votes.title} fact={t.votes.fact} />
        <Tile href="#/complaints" title={t.complaints.title} fact={t.complaints.fact} />
      </nav>
    </>
  );
}

/** What people come for stands first: one large target, the others beside each other below it. */
function WaysToOpen() {
  const t = useTexts();
  return (
    <nav className="ways" aria-label={t.homeNav.open}>
      <a className="way way--open" href="#/pass">
        <span className="way__name">{t.homeNav.open}</span>
        <span className="way__help">{t.homeNav.openHelp}</span>
      </a>
      <a className="way" href="#/visitors">
        {t.homeNav.visitors}
      </a>
      <a className="way" href="#/visitors/delivery">
        {t.homeNav.delivery}
      </a>
      <a className="way" href="#/tokens">
        {t.homeNav.token}
      </a>
    </nav>
  );
}

/** What is newest. While the list is not known nothing is said: "nobody looked" must not stand there and be taken back. */
function factOf<T>(list: readonly T[] | undefined, none: string, newest: (item: T) => string): string {
  if (list === undefined) return "";
  const [first] = list;
  return first === undefined ? none : newest(first);
}

/** One topic among those beside each other on the first screen. */
function Tile(props: { href: string; title: string; fact: string }) {
  return (
    <a className="tile" href={props.href}>
      <span className="tile__title">{props.title}</span>
      <span className="tile__fact">{props.fact}</span>
    </a>
  );
}
