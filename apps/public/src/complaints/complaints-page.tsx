import "@menshen/ui/complaints.css";
import { type ReactNode, useEffect, useState } from "react";
import { CommunityContext, useCommunityFacts } from "../community/use-community.tsx";
import { useTexts } from "../i18n/texts.ts";
import { Foot } from "../page-foot.tsx";
import { CheckPart } from "./check-part.tsx";
import { FollowPart } from "./follow-part.tsx";
import { usePageTexts } from "./texts.ts";
import { WritePart } from "./write-part.tsx";

const PARTS = ["write", "follow", "check"] as const;
type Part = (typeof PARTS)[number];

/** Complaints of people who are not signed in: write one, follow it by its code, check a receipt. */
export function ComplaintsPage() {
  const t = useTexts();
  const p = usePageTexts();
  const community = useCommunityFacts();
  const [part, setPart] = useState(partOf);
  useEffect(() => {
    const read = () => setPart(partOf());
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  useEffect(() => {
    document.title = p.title;
  }, [p]);
  const shown: Readonly<Record<Part, ReactNode>> = {
    write: <WritePart />,
    follow: <FollowPart />,
    check: <CheckPart />,
  };
  return (
    <div className="plain">
      <button
        type="button"
        className="ms-visually-hidden skip plain-link"
        onClick={() => document.getElementById("content")?.focus()}
      >
        {t.common.skip}
      </button>
      <header className="plain-head plain-no-print">
        <img className="plain-head__seal" src="/public/seal.svg" alt="" />
        <span className="plain-head__name">{community?.name ?? "Menshen 门神"}</span>
        <a href="/public/">{p.log}</a>
      </header>
      <main id="content" tabIndex={-1}>
        <h1>{p.title}</h1>
        <p className="plain-no-print">{p.lead}</p>
        <nav aria-label={p.title} className="complaint-parts plain-no-print">
          {PARTS.map((one) => (
            <a
              key={one}
              className="complaint-parts__one"
              href={`#${one}`}
              aria-current={one === part ? "page" : undefined}
            >
              {p.parts[one]}
            </a>
          ))}
        </nav>
        <CommunityContext value={community}>{shown[part]}</CommunityContext>
        <p className="plain-quiet plain-no-print">{p.paper}</p>
        <p className="plain-quiet plain-no-print">{p.privacy}</p>
      </main>
      <Foot />
    </div>
  );
}

function partOf(): Part {
  return PARTS.find((part) => location.hash === `#${part}`) ?? "write";
}
