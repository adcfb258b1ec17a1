import { fillText } from "@menshen/ui";
import { type ReactNode, useEffect, useId } from "react";
import { useLooks, useMe, usePlaces, useReceipts } from "../api/answers.ts";
import { useOwned } from "../device/device-context.tsx";
import { useTexts } from "../i18n/texts.ts";
import { useMoments } from "../layout/moments.ts";
import { Problem } from "../layout/notices.tsx";
import { receiptsNotice } from "../receipts/receipt-words.ts";
import { placeName } from "../trail/trail-page.tsx";
import { useEntries } from "../trail/use-entries.ts";

/** The rights, on the first screen, each with its newest fact. */
export function HomePage() {
  const t = useTexts();
  const moments = useMoments();
  const { owner } = useOwned();
  const me = useMe();
  const places = usePlaces();
  const looks = useLooks();
  const receipts = useReceipts();
  const asked = receiptsNotice(t, receipts.value ?? [], moments.day);
  const { entries } = useEntries();
  const [last] = entries ?? [];
  const [look] = looks.value ?? [];
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
      {asked === undefined ? null : (
        <div className="plain-notice">
          <p>{asked}</p>
          <p>
            <a href="#/receipts">{t.receipts.look}</a>
          </p>
        </div>
      )}
      <div className="rights">
        <Group title={t.home.ownHome}>
          <Right href="#/household" title={t.homeNav.household} fact={t.homeNav.householdFact} />
          <Right href="#/homes" title={t.homeNav.homes} fact={t.homeNav.homesFact} />
          <Right href="#/phones" title={t.homeNav.phones} fact={t.homeNav.phonesFact} />
        </Group>
        <Group title={t.home.rights}>
          <Right
            href="#/trail"
            title={t.home.trail}
            fact={
              last === undefined
                ? t.home.trailNone
                : fillText(t.home.trailLast, {
                    when: moments.moment(last.at),
                    where: placeName(t, last.accessPointId, places.value),
                  })
            }
          />
          <Right
            href="#/looks"
            title={t.home.looks}
            fact={
              look === undefined
                ? t.home.looksNone
                : fillText(t.home.looksLast, { when: moments.moment(look.at) })
            }
          />
          <Right href="#/consents" title={t.homeNav.consents} fact={t.homeNav.consentsFact} />
          <Right href="#/data" title={t.homeNav.data} fact={t.homeNav.dataFact} />
          <Right
            href="#/key"
            title={t.home.key}
            fact={
              me.value === undefined
                ? ""
                : fillText(t.home.keySince, { when: moments.day(me.value.registeredAt) })
            }
          />
        </Group>
        <Group title={t.home.ownCommunity}>
          <Right href="#/votes" title={t.votes.title} fact={t.votes.fact} />
          <Right href="#/vendor" title={t.vendor.title} fact={t.vendor.fact} />
          <Right href="/public/conformity" title={t.home.conformity} fact={t.home.conformityFact} />
        </Group>
      </div>
      <ul className="plain-list">
        <li>
          <a href="#/device">{t.home.device}</a>
        </li>
        <li>
          <a href="/public/">{t.home.publicLog}</a>
        </li>
      </ul>
    </>
  );
}

function Group(props: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <nav aria-labelledby={id}>
      <h2 id={id} className="rights__title">
        {props.title}
      </h2>
      <ul className="rights__list">{props.children}</ul>
    </nav>
  );
}

function Right(props: { href: string; title: string; fact: string }) {
  return (
    <li>
      <a className="right" href={props.href}>
        <span className="right__title">{props.title}</span>
        <span className="right__fact">{props.fact}</span>
      </a>
    </li>
  );
}
