import { usePreferences, VendorFacts } from "@menshen/ui";
import { vendorEndpoints } from "@menshen/wire";
import { call } from "../api/client.ts";
import { useAnswer } from "../api/use-answer.ts";
import { useTexts } from "../i18n/texts.ts";
import { useMoments } from "../layout/moments.ts";
import { Loading, Nothing, Problem } from "../layout/notices.tsx";

const ask = async () => (await call(vendorEndpoints.list, {})).items;

/** Whose devices stand at the doors: who owns them, who is paid, what data they hold. */
export function VendorPage() {
  const t = useTexts();
  const { language } = usePreferences();
  const moments = useMoments();
  const vendors = useAnswer("vendors", ask);
  return (
    <>
      <p className="plain-quiet">{t.vendor.lead}</p>
      {vendors.failure === undefined ? null : <Problem code={vendors.failure} onRetry={vendors.again} />}
      {vendors.value === undefined && vendors.isAsking ? <Loading /> : null}
      {vendors.value?.length === 0 ? <Nothing title={t.vendor.none}>{t.vendor.noneHelp}</Nothing> : null}
      {vendors.value?.map(({ id, page, missing, history }) => (
        <section key={id} aria-label={page.name}>
          <h2>{page.name}</h2>
          <VendorFacts page={page} missing={missing} language={language} />
          <h3>{t.vendor.history}</h3>
          <ul className="plain-list">
            {history.map(({ revision, at, leafIndex }) => (
              <li key={revision}>
                {moments.moment(at)}
                {leafIndex === undefined ? null : (
                  <a href={`/public/#leaf=${leafIndex}`}>
                    {" "}
                    {t.vendor.inLog} {leafIndex}
                  </a>
                )}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
