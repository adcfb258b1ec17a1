import { useTexts } from "../i18n/texts.ts";
import { Topic, Topics } from "../layout/topics.tsx";

/** What I may know, decide and demand. */
export function RightsPage() {
  const t = useTexts();
  return (
    <div className="rights">
      <Topics title={t.nav.know}>
        <Topic href="#/trail" title={t.home.trail} fact={t.nav.trailFact} />
        <Topic href="#/looks" title={t.home.looks} fact={t.nav.looksFact} />
      </Topics>
      <Topics title={t.nav.decide}>
        <Topic href="#/consents" title={t.homeNav.consents} fact={t.homeNav.consentsFact} />
        <Topic href="#/data" title={t.homeNav.data} fact={t.homeNav.dataFact} />
        <Topic href="#/key" title={t.home.key} fact={t.nav.keyFact} />
      </Topics>
    </div>
  );
}

/** What we decide together, and who is paid for our doors. */
export function CommunityPage() {
  const t = useTexts();
  return (
    <div className="rights">
      <Topics title={t.nav.together}>
        <Topic href="#/messages" title={t.messages.title} fact={t.messages.fact} />
        <Topic href="#/complaints" title={t.complaints.title} fact={t.complaints.fact} />
        <Topic href="#/votes" title={t.votes.title} fact={t.votes.fact} />
        <Topic href="#/vendor" title={t.vendor.title} fact={t.vendor.fact} />
      </Topics>
      <Topics title={t.nav.open}>
        <Topic href="/public/conformity" title={t.home.conformity} fact={t.home.conformityFact} />
        <Topic href="/public/" title={t.home.publicLog} fact={t.nav.logFact} />
      </Topics>
    </div>
  );
}
