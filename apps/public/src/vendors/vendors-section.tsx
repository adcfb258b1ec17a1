import { fillText, usePreferences, VendorFacts } from "@menshen/ui";
import { type Vendor, vendorEndpoints } from "@menshen/wire";
import { useEffect, useState } from "react";
import { useVoteTexts } from "../votes/texts.ts";

/** Whoever sells or maintains the gates, as they must say it. */
export function VendorsSection() {
  const t = useVoteTexts();
  const { language } = usePreferences();
  const [vendors, setVendors] = useState<readonly Vendor[]>();
  useEffect(() => {
    let isGone = false;
    readVendors().then(
      (items) => {
        if (!isGone) setVendors(items);
      },
      // The log stands without it.
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, []);
  return (
    <section aria-labelledby="vendors">
      <h2 id="vendors">{t.vendors}</h2>
      <p>{t.vendorsHelp}</p>
      {vendors?.length === 0 ? <p className="plain-quiet">{t.vendorsNone}</p> : null}
      {vendors?.map(({ id, page, missing, gateNames }) => (
        <article key={id} aria-label={page.name}>
          <h3>{page.name}</h3>
          <VendorFacts page={page} missing={missing} language={language} />
          {gateNames.length === 0 ? null : (
            <p className="plain-quiet">{fillText(t.gates, { names: gateNames.join(t.separator) })}</p>
          )}
        </article>
      ))}
      <p className="plain-quiet">
        <a href={vendorEndpoints.list.path}>{t.asJson}</a>
      </p>
    </section>
  );
}

async function readVendors(): Promise<readonly Vendor[]> {
  const response = await fetch(vendorEndpoints.list.path);
  if (!response.ok) throw new Error("no vendors");
  const { items }: { items: Vendor[] } = await response.json();
  return items;
}
