import { fillText } from "@menshen/ui";
import type { ResponseOf, sharingEndpoints } from "@menshen/wire";
import { useCommunityMoments } from "../community/use-community.tsx";
import { PublicSection } from "./public-section.tsx";
import { useRecordTexts } from "./texts.ts";
import { usePublicList } from "./use-public-list.ts";

export function RecipientsSection(props: { path: string }) {
  const t = useRecordTexts();
  const moments = useCommunityMoments();
  const found = usePublicList<ResponseOf<typeof sharingEndpoints.list>>(props.path);
  return (
    <PublicSection
      id="recipients"
      title={t.recipients}
      help={t.recipientsHelp}
      path={props.path}
      found={found}
    >
      {({ items }) =>
        items.length === 0 ? (
          <p className="plain-quiet">{t.recipientsNone}</p>
        ) : (
          items.map(({ id, name, purpose, contact, subProcessors, since, endedAt }) => (
            <article key={id} aria-label={name}>
              <h3>{name}</h3>
              <dl className="plain-facts">
                <dt>{t.purpose}</dt>
                <dd>{purpose}</dd>
                <dt>{t.contact}</dt>
                <dd>{contact}</dd>
                <dt>{t.subProcessors}</dt>
                <dd>{subProcessors.length === 0 ? t.nobody : subProcessors.join(" · ")}</dd>
              </dl>
              <p className="plain-quiet">
                {fillText(t.since, { when: moments.moment(since) })}
                {endedAt === undefined ? "" : ` · ${fillText(t.ended, { when: moments.moment(endedAt) })}`}
              </p>
            </article>
          ))
        )
      }
    </PublicSection>
  );
}
