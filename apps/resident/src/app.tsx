import { lazy, type ReactNode, Suspense, useState } from "react";
import { DeviceProvider, useDevice } from "./device/device-context.tsx";
import { HomePage } from "./home/home-page.tsx";
import { CommunityPage, RightsPage } from "./home/hub-pages.tsx";
import { type Texts, useTexts } from "./i18n/texts.ts";
import { PendingKey } from "./join/pending-key.tsx";
import { WelcomePage } from "./join/welcome-page.tsx";
import { useMoments } from "./layout/moments.ts";
import { Loading, Problem } from "./layout/notices.tsx";
import { Shell } from "./layout/shell.tsx";
import { tabOf } from "./layout/tabs.ts";
import { type PageAddress, type PageName, usePage } from "./layout/use-page.ts";

// What most visits do not need is fetched when it is: the first visit stays small.
const DevicePage = lazy(async () => ({ default: (await import("./device/device-page.tsx")).DevicePage }));
const CodePage = lazy(async () => ({ default: (await import("./join/code-page.tsx")).CodePage }));
const JoinPage = lazy(async () => ({ default: (await import("./join/join-page.tsx")).JoinPage }));
const RecoverPage = lazy(async () => ({ default: (await import("./join/recover-page.tsx")).RecoverPage }));
const KeyPage = lazy(async () => ({ default: (await import("./key/key-page.tsx")).KeyPage }));
const KeysPage = lazy(async () => ({ default: (await import("./ways/keys-page.tsx")).KeysPage }));
const LooksPage = lazy(async () => ({ default: (await import("./looks/looks-page.tsx")).LooksPage }));
const TrailPage = lazy(async () => ({ default: (await import("./trail/trail-page.tsx")).TrailPage }));
const PassPage = lazy(async () => ({ default: (await import("./pass/pass-page.tsx")).PassPage }));
const VisitorsPage = lazy(async () => ({
  default: (await import("./visits/visitors-page.tsx")).VisitorsPage,
}));
const TokensPage = lazy(async () => ({ default: (await import("./tokens/tokens-page.tsx")).TokensPage }));
const ReceiptsPage = lazy(async () => ({
  default: (await import("./receipts/receipts-page.tsx")).ReceiptsPage,
}));
const PhonesPage = lazy(async () => ({ default: (await import("./phones/phones-page.tsx")).PhonesPage }));
const VotesPage = lazy(async () => ({ default: (await import("./votes/votes-page.tsx")).VotesPage }));
const MessagesPage = lazy(async () => ({
  default: (await import("./messages/messages-page.tsx")).MessagesPage,
}));
const VendorPage = lazy(async () => ({ default: (await import("./vendor/vendor-page.tsx")).VendorPage }));
const ComplaintsPage = lazy(async () => ({
  default: (await import("./complaints/complaints-page.tsx")).ComplaintsPage,
}));
const CardsAskedPage = lazy(async () => ({
  default: (await import("./cards-asked/cards-asked-page.tsx")).CardsAskedPage,
}));
const ConsentsPage = lazy(async () => ({
  default: (await import("./consents/consents-page.tsx")).ConsentsPage,
}));
const HouseholdPage = lazy(async () => ({
  default: (await import("./household/household-page.tsx")).HouseholdPage,
}));
const DeletionPage = lazy(async () => ({
  default: (await import("./household/deletion-page.tsx")).DeletionPage,
}));
const DataPage = lazy(async () => ({ default: (await import("./household/data-page.tsx")).DataPage }));
const PapersPage = lazy(async () => ({ default: (await import("./papers/papers-page.tsx")).PapersPage }));
const HelpPage = lazy(async () => ({ default: (await import("./help/help-page.tsx")).HelpPage }));
const HomesPage = lazy(async () => ({ default: (await import("./homes/homes-page.tsx")).HomesPage }));

const HOME: PageAddress = { name: "home", code: undefined };
/** What only an own device does: it holds keys, or remembers what it saw before. */
const NOT_SHARED: ReadonlySet<PageName> = new Set([
  "pass",
  "visitors",
  "tokens",
  "phones",
  "homes",
  "device",
  "join",
]);

export function App() {
  const t = useTexts();
  return (
    <DeviceProvider
      loading={<Alone title={t.common.brand} body={<Loading />} />}
      failed={<Alone title={t.common.brand} body={<Problem code="device" />} />}
    >
      <Pages />
    </DeviceProvider>
  );
}

function Alone(props: { title: string; body: ReactNode }) {
  return (
    <Shell community={undefined} title={props.title} isHome>
      {props.body}
    </Shell>
  );
}

function Pages() {
  const t = useTexts();
  const page = usePage();
  const { owner, community, isShared } = useDevice();
  const moments = useMoments();
  const [openedMs] = useState(Date.now);
  const isForeign = owner !== undefined && community !== undefined && owner.communityId !== community.id;
  const [title, body] =
    owner === undefined || isForeign
      ? strangerPage(t, page, isForeign, isShared)
      : ownPage(t, isShared && NOT_SHARED.has(page.name) ? HOME : page, moments.hour(openedMs));
  const tabs = owner === undefined || isForeign ? undefined : { current: tabOf(page.name) };
  if (owner?.isPending && !isForeign) return <Alone title={t.common.brand} body={<PendingKey />} />;
  return (
    <Shell
      key={`${page.name} ${page.part}`}
      community={community?.name}
      title={title}
      isHome={page.name === "home"}
      tabs={tabs}
      isShared={isShared && owner !== undefined}
    >
      <Suspense fallback={<Loading />}>{body}</Suspense>
    </Shell>
  );
}

/** Pages of a device without a key, or with another community's. */
function strangerPage(
  t: Texts,
  page: PageAddress,
  isForeign: boolean,
  isShared: boolean,
): [string, ReactNode] {
  if (page.name === "help") return [t.nav.titleOf.help, <HelpPage key="help" />];
  if (page.name === "papers")
    return [t.nav.papers, <PapersPage key={`papers ${page.part}`} part={page.part} />];
  if (page.name === "deletion") return deletionPage(t, page);
  if (page.name === "device") return [t.device.title, <DevicePage key="device" />];
  if (!isForeign && page.name === "join") return [t.join.title, <JoinPage key="join" code={page.code} />];
  if (!isForeign && page.name === "recover") return [t.recover.title, <RecoverPage key="recover" />];
  return [isShared ? t.shared.title : t.welcome.title, <WelcomePage key="welcome" isForeign={isForeign} />];
}

/** For whoever was deleted, on a device with an account or without one. */
function deletionPage(t: Texts, page: PageAddress): [string, ReactNode] {
  return [t.homeNav.deletion, <DeletionPage key="deletion" code={page.part} />];
}

function ownPage(t: Texts, page: PageAddress, hour: number): [string, ReactNode] {
  switch (page.name) {
    case "keys":
      return [t.nav.titleOf.keys, <KeysPage key="keys" />];
    case "rights":
      return [t.nav.titleOf.rights, <RightsPage key="rights" />];
    case "community":
      return [t.nav.titleOf.community, <CommunityPage key="community" />];
    case "help":
      return [t.nav.titleOf.help, <HelpPage key="help" />];
    case "papers":
      return [t.nav.papers, <PapersPage key={`papers ${page.part}`} part={page.part} />];
    case "pass":
      return [t.pass.title, <PassPage key="pass" part={page.part} />];
    case "visitors":
      return [
        page.part === "new" || page.part === "delivery" ? t.visits.newTitle : t.visits.title,
        <VisitorsPage key={`visitors ${page.part}`} part={page.part} />,
      ];
    case "tokens":
      return [t.tokens.title, <TokensPage key="tokens" />];
    case "household":
      return [t.homeNav.household, <HouseholdPage key="household" />];
    case "data":
      return [t.homeNav.data, <DataPage key="data" />];
    case "deletion":
      return deletionPage(t, page);
    case "homes":
      return [t.homes.title, <HomesPage key="homes" />];
    case "trail":
      return [t.trail.title, <TrailPage key="trail" />];
    case "looks":
      return [t.looks.title, <LooksPage key="looks" />];
    case "key":
      return [t.key.title, <KeyPage key="key" />];
    case "receipts":
      return [t.receipts.title, <ReceiptsPage key="receipts" />];
    case "phones":
      return [t.phones.title, <PhonesPage key="phones" />];
    case "votes":
      return [t.votes.title, <VotesPage key={`votes ${page.part}`} part={page.part} />];
    case "messages":
      return [t.messages.title, <MessagesPage key="messages" />];
    case "vendor":
      return [t.vendor.title, <VendorPage key="vendor" />];
    case "complaints":
      return [t.complaints.title, <ComplaintsPage key={`complaints ${page.part}`} part={page.part} />];
    case "consents":
      return [t.homeNav.consents, <ConsentsPage key="consents" />];
    case "cards":
      return [t.cardsAsked.title, <CardsAskedPage key="cards" />];
    case "code":
      return [t.code.title, <CodePage key="code" />];
    case "device":
      return [t.device.title, <DevicePage key="device" />];
    case "join":
      return [t.join.title, <JoinPage key="join" code={page.code} />];
    case "recover":
    case "home":
      return [greetingAt(t, hour), <HomePage key="home" />];
  }
}

function greetingAt(t: Texts, hour: number): string {
  if (hour < 12) return t.home.morning;
  return hour < 18 ? t.home.afternoon : t.home.evening;
}
