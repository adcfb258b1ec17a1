import { incidentEndpoints, penaltyEndpoints, sharingEndpoints } from "@menshen/wire";
import { useEffect } from "react";
import { OfCommunity } from "../community/use-community.tsx";
import { Foot } from "../page-foot.tsx";
import { IncidentsSection } from "./incidents-section.tsx";
import { PenaltiesSection } from "./penalties-section.tsx";
import { RecipientsSection } from "./recipients-section.tsx";
import { useRecordTexts } from "./texts.ts";

/** What went wrong here and what came of it, and who may get residents' data: for anybody. */
export function IncidentsPage() {
  const t = useRecordTexts();
  useEffect(() => {
    document.title = t.title;
  }, [t]);
  return (
    <div className="plain plain--wide">
      <header className="plain-head">
        <img className="plain-head__seal" src="/public/seal.svg" alt="" />
        <span className="plain-head__name">Menshen 门神</span>
        <a href="/public/conformity">{t.conformity}</a>
        <a href="/public/">{t.log}</a>
      </header>
      <main id="content" tabIndex={-1}>
        <h1>{t.title}</h1>
        <p>{t.lead}</p>
        <OfCommunity>
          <IncidentsSection path={incidentEndpoints.published.path} />
          <PenaltiesSection path={penaltyEndpoints.list.path} />
          <RecipientsSection path={sharingEndpoints.list.path} />
        </OfCommunity>
      </main>
      <Foot />
    </div>
  );
}
