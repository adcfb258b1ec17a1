import { fillText, usePreferences, VendorFacts } from "@menshen/ui";
import { type Vendor, type VendorExit, vendorEndpoints, vendorExitEndpoints } from "@menshen/wire";
import { useEffect, useState } from "react";
import { useVoteTexts } from "../votes/texts.ts";
import { VendorExits } from "./vendor-exits.tsx";

/** Whoever sells or maintains the gates, as they must say it. */
export function VendorsSection() {
  const t = useVoteTexts();
  const { language } = usePreferences();
  const vendors = usePublicItems<Vendor>(vendorEndpoints.list.path);
  const exits = usePublicItems<VendorExit>(vendorExitEndpoints.list.path) ?? [];
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
          <VendorExits exits={exits.filter(({ vendorId }) => vendorId === id)} />
        </article>
      ))}
      <p className="plain-quiet">
        <a href={vendorEndpoints.list.path}>{t.asJson}</a>
        {exits.length === 0 ? null : (
          <>
            {" "}
            · <a href={vendorExitEndpoints.list.path}>{t.exitsJson}</a>
          </>
        )}
      </p>
    </section>
  );
}

/** Undefined until they are read. The log stands without them. */
function usePublicItems<T>(path: string): readonly T[] | undefined {
  const [items, setItems] = useState<readonly T[]>();
  useEffect(() => {
    let isGone = false;
    const read = async () => {
      const response = await fetch(path);
      if (!response.ok) return;
      const found: { items: T[] } = await response.json();
      if (!isGone) setItems(found.items);
    };
    read().catch(() => undefined);
    return () => {
      isGone = true;
    };
  }, [path]);
  return items;
}
