import { lazy, Suspense } from "react";
import { Navigate, Route, Routes } from "react-router";
import { SignedInProvider, useMay, useSession } from "./api/session.tsx";
import { LiveProvider } from "./api/use-live.tsx";
import { Loading, NotFound, Unreachable } from "./components/page-states.tsx";
import { LivePage } from "./features/live/live-page.tsx";
import { SignInPage } from "./features/sign-in/sign-in-page.tsx";
import { SignedInShell } from "./layout/signed-in-shell.tsx";

const PeoplePage = lazy(() => import("./features/people/people-page.tsx"));
const EndingsPage = lazy(() => import("./features/people/endings-page.tsx"));
const DeletionsPage = lazy(() => import("./features/deletions/deletions-page.tsx"));
const AliroPage = lazy(() => import("./features/aliro/aliro-page.tsx"));
const CardKeysPage = lazy(() => import("./features/card-keys/card-keys-page.tsx"));
const CredentialsPage = lazy(() => import("./features/credentials/credentials-page.tsx"));
const DoorsPage = lazy(() => import("./features/doors/doors-page.tsx"));
const DoorRulesPage = lazy(() => import("./features/door-rules/door-rules-page.tsx"));
const LockdownPlansPage = lazy(() => import("./features/lockdown/plans-page.tsx"));
const AlarmInstructionsPage = lazy(() => import("./features/alarms/instructions-page.tsx"));
const FloorPlansPage = lazy(() => import("./features/floor-plan/plans-page.tsx"));
const GuardPage = lazy(() => import("./features/guard/guard-page.tsx"));
const MusterPage = lazy(() => import("./features/presence/muster-page.tsx"));
const NightPage = lazy(() => import("./features/guard/night-page.tsx"));
const InstallPage = lazy(() => import("./features/installer/install-page.tsx"));
const SchedulesPage = lazy(() => import("./features/schedules/schedules-page.tsx"));
const ReceptionPage = lazy(() => import("./features/reception/reception-page.tsx"));
const RulesPage = lazy(() => import("./features/rules/rules-page.tsx"));
const EventsPage = lazy(() => import("./features/events/events-page.tsx"));
const OpeningsPage = lazy(() => import("./features/openings/openings-page.tsx"));
const CasesPage = lazy(() => import("./features/cases/cases-page.tsx"));
const MarketPage = lazy(() => import("./features/market/market-page.tsx"));
const VotesPage = lazy(() => import("./features/votes/votes-page.tsx"));
const VendorsPage = lazy(() => import("./features/vendors/vendors-page.tsx"));
const CommitteePage = lazy(() => import("./features/committee/committee-page.tsx"));
const ComplaintsPage = lazy(() => import("./features/complaints/complaints-page.tsx"));
const ConsentsPage = lazy(() => import("./features/consent/consents-page.tsx"));
const MessagesPage = lazy(() => import("./features/messages/messages-page.tsx"));
const IncidentsPage = lazy(() => import("./features/incidents/incidents-page.tsx"));
const PenaltiesPage = lazy(() => import("./features/penalties/penalties-page.tsx"));
const NamingPage = lazy(() => import("./features/naming/naming-page.tsx"));
const ChangesPage = lazy(() => import("./features/changes/changes-page.tsx"));
const CustodianPage = lazy(() => import("./features/custodian/custodian-page.tsx"));
const SettingsPage = lazy(() => import("./features/settings/settings-page.tsx"));

/** Custodians are not staff and have no session; every other page is for staff. */
export function Pages() {
  return (
    <Routes>
      <Route
        path="/custodian/*"
        element={
          <Suspense fallback={<Loading />}>
            <CustodianPage />
          </Suspense>
        }
      />
      <Route path="*" element={<StaffPages />} />
    </Routes>
  );
}

/** Signed out: the sign-in page whatever the address. Signed in: the page of the address. */
function StaffPages() {
  const session = useSession();
  if (session.isPending) return <Loading />;
  if (session.isError) return <Unreachable onRetry={() => void session.refetch()} />;
  if (!session.data.signedIn) return <SignInPage session={session.data} />;
  return (
    <SignedInProvider session={session.data}>
      <LiveProvider>
        <Routes>
          <Route
            path="/guard/night"
            element={
              <Suspense fallback={<Loading />}>
                <NightPage />
              </Suspense>
            }
          />
          <Route path="*" element={<PagesInShell />} />
        </Routes>
      </LiveProvider>
    </SignedInProvider>
  );
}

function PagesInShell() {
  return (
    <SignedInShell>
      <Suspense fallback={<Loading />}>
        <Routes>
          <Route path="/" element={<HomePage />} />
          <Route path="/sign-in" element={<HomePage />} />
          <Route path="/endings" element={<EndingsPage />} />
          <Route path="/deletions/*" element={<DeletionsPage />} />
          <Route path="/people/*" element={<PeoplePage />} />
          <Route path="/credentials/keys/*" element={<CardKeysPage />} />
          <Route path="/credentials/phones/*" element={<AliroPage />} />
          <Route path="/credentials/*" element={<CredentialsPage />} />
          <Route path="/doors/rules" element={<DoorRulesPage />} />
          <Route path="/doors/plans" element={<FloorPlansPage />} />
          <Route path="/doors/lockdown" element={<LockdownPlansPage />} />
          <Route path="/doors/alarms" element={<AlarmInstructionsPage />} />
          <Route path="/doors/*" element={<DoorsPage />} />
          <Route path="/install/*" element={<InstallPage />} />
          <Route path="/guard/muster" element={<MusterPage />} />
          <Route path="/guard" element={<GuardPage />} />
          <Route path="/reception" element={<ReceptionPage />} />
          <Route path="/schedules/*" element={<SchedulesPage />} />
          <Route path="/rules/*" element={<RulesPage />} />
          <Route path="/events/*" element={<EventsPage />} />
          <Route path="/cases/*" element={<CasesPage />} />
          <Route path="/market/*" element={<MarketPage />} />
          <Route path="/openings/*" element={<OpeningsPage />} />
          <Route path="/committee" element={<CommitteePage />} />
          <Route path="/votes/*" element={<VotesPage />} />
          <Route path="/vendors" element={<VendorsPage />} />
          <Route path="/complaints/*" element={<ComplaintsPage />} />
          <Route path="/consents/*" element={<ConsentsPage />} />
          <Route path="/messages/*" element={<MessagesPage />} />
          <Route path="/incidents/*" element={<IncidentsPage />} />
          <Route path="/penalties" element={<PenaltiesPage />} />
          <Route path="/naming/*" element={<NamingPage />} />
          <Route path="/changes/*" element={<ChangesPage />} />
          <Route path="/settings/*" element={<SettingsPage />} />
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Suspense>
    </SignedInShell>
  );
}

/** The live view; whoever sees no events begins with what is theirs. */
function HomePage() {
  const maySeeEvents = useMay("events.read");
  const mayReadOpenings = useMay("openings.read");
  const mayReadHomes = useMay("homes.read");
  const mayPutMotions = useMay("motions.write");
  const mayHandleComplaints = useMay("complaints.handle");
  if (maySeeEvents) return <LivePage />;
  if (mayPutMotions) return <Navigate to="/committee" replace />;
  if (mayReadOpenings) return <Navigate to="/openings" replace />;
  if (mayReadHomes) return <Navigate to="/people" replace />;
  return mayHandleComplaints ? <Navigate to="/complaints" replace /> : <Navigate to="/settings" replace />;
}
