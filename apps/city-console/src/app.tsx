import { usePreferences } from "@menshen/ui";
import { type CitySession, citySessionEndpoints } from "@menshen/wire";
import { useEffect, useState } from "react";
import { call, type Reading, useReading } from "./api.ts";
import { CommunitiesPage } from "./communities-page.tsx";
import { IncidentPage } from "./incident-page.tsx";
import { IncidentsPage } from "./incidents-page.tsx";
import { OfficersPage } from "./officers-page.tsx";
import { signInByPasskey } from "./passkeys.ts";
import { ReadingState } from "./reading-state.tsx";
import { useTexts } from "./texts.ts";
import { useAct } from "./use-act.ts";

const SIGN_IN = /^#\/sign-in\?code=([A-Za-z0-9_-]{20,100})$/;

/** What stands behind `#`. */
function usePlace(): string {
  const [place, setPlace] = useState(() => location.hash);
  useEffect(() => {
    const changed = () => setPlace(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return place;
}

/** The pages of the city's officers. */
export function App() {
  const t = useTexts();
  const place = usePlace();
  const session = useReading("session", readSession);
  useEffect(() => {
    document.title = t.brand;
  }, [t]);
  const { again } = session;
  useEffect(() => {
    // A link that is opened where the pages stand already changes nothing but the address.
    if (SIGN_IN.test(place)) again();
  }, [place, again]);
  const officer = session.value?.officer;
  return (
    <div className="plain plain--wide">
      <header className="plain-head">
        <img className="plain-head__seal" src="/seal.svg" alt="" />
        <span className="plain-head__name">{session.value?.city ?? t.brand}</span>
        {officer === undefined ? null : <span className="plain-quiet">{officer.name}</span>}
      </header>
      {officer === undefined ? null : <Navigation place={place} />}
      <main id="content">
        <ReadingState reading={session} />
        {session.value === undefined ? null : officer === undefined ? (
          <SignIn wasRefused={place.startsWith("#/sign-in")} onSignedIn={session.again} />
        ) : (
          <Page place={place} officerId={officer.id} />
        )}
      </main>
      <Foot session={session} />
    </div>
  );
}

/** A link's code that was sent: it works only once, and goes out of the address at once. */
let taken: { readonly code: string; readonly done: Promise<void> } | undefined;

async function readSession(): Promise<CitySession> {
  const code = SIGN_IN.exec(location.hash)?.[1];
  if (code !== undefined && taken?.code !== code) {
    const leadTo = (place: string) => () => {
      location.hash = place;
    };
    const done = call(citySessionEndpoints.signIn, { body: { code } }).then(
      leadTo("#/"),
      leadTo("#/sign-in"),
    );
    taken = { code, done };
  }
  await taken?.done;
  return call(citySessionEndpoints.get);
}

function Page(props: { place: string; officerId: string }) {
  const { place, officerId } = props;
  const incident = /^#\/incident\/([0-9a-f-]{36})$/.exec(place)?.[1];
  if (incident !== undefined) return <IncidentPage id={incident} />;
  if (place === "#/communities") return <CommunitiesPage />;
  if (place === "#/officers") return <OfficersPage ownId={officerId} />;
  return <IncidentsPage />;
}

function Navigation(props: { place: string }) {
  const t = useTexts();
  const places = [
    { at: "#/", name: t.incidents, isHere: !/^#\/(communities|officers)/.test(props.place) },
    { at: "#/communities", name: t.communities, isHere: props.place === "#/communities" },
    { at: "#/officers", name: t.officers, isHere: props.place === "#/officers" },
  ];
  return (
    <nav className="city-nav" aria-label={t.nav}>
      {places.map(({ at, name, isHere }) => (
        <a key={at} href={at} {...(isHere ? { "aria-current": "page" as const } : {})}>
          {name}
        </a>
      ))}
    </nav>
  );
}

function SignIn(props: { wasRefused: boolean; onSignedIn: () => void }) {
  const t = useTexts();
  const { act, isBusy, fault } = useAct();
  return (
    <>
      <h1>{t.signIn.title}</h1>
      {props.wasRefused ? (
        <p role="alert" className="plain-notice plain-notice--due">
          {t.signIn.refused}
        </p>
      ) : null}
      <div className="plain-actions">
        <button
          type="button"
          className="plain-button plain-button--main"
          disabled={isBusy}
          onClick={() =>
            act(() =>
              signInByPasskey().then(() => {
                location.hash = "#/";
                props.onSignedIn();
              }),
            )
          }
        >
          {t.signIn.passkey}
        </button>
      </div>
      <div role="alert">{fault === undefined ? null : <p className="plain-notice">{fault}</p>}</div>
      <p>{t.signIn.help}</p>
    </>
  );
}

function Foot(props: { session: Reading<CitySession> }) {
  const t = useTexts();
  const { language, setLanguage, isDark, setAppearance } = usePreferences();
  const other = language === "en" ? "zh-CN" : "en";
  return (
    <footer className="plain-foot">
      <button type="button" className="plain-link" lang={other} onClick={() => setLanguage(other)}>
        {t.language}
      </button>
      <button type="button" className="plain-link" onClick={() => setAppearance(isDark ? "light" : "dark")}>
        {isDark ? t.light : t.dark}
      </button>
      {props.session.value?.signedIn === true ? (
        <button
          type="button"
          className="plain-link"
          onClick={() => void call(citySessionEndpoints.signOut).finally(props.session.again)}
        >
          {t.signOut}
        </button>
      ) : null}
    </footer>
  );
}
