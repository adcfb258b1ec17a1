import "../votes/texts/index.ts";
import "../openings/openings.css";
import "../votes/votes.css";
import { StateMark, VendorFacts } from "@menshen/ui";
import { type Vendor, vendorEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { usePreferences } from "../../preferences.tsx";
import { VendorExitPart } from "./vendor-exit.tsx";
import { VendorForm } from "./vendor-form.tsx";

/** Vendors' pages: public, and what is missing blocks installation. */
export default function VendorsPage() {
  const { t: text } = useTranslation("votes");
  const mayWrite = useMay("vendor-pages.write");
  const [isAdding, setIsAdding] = useState(false);
  const list = useQuery({
    queryKey: [vendorEndpoints.list.id],
    queryFn: ({ signal }) => call(vendorEndpoints.list, { signal }),
  });
  return (
    <>
      <PageHead
        title={text("vendors.title")}
        lead={text("vendors.lead")}
        action={
          mayWrite && !isAdding ? (
            <Button type="primary" onClick={() => setIsAdding(true)}>
              {text("vendors.add")}
            </Button>
          ) : undefined
        }
      />
      {isAdding ? <VendorForm vendor={undefined} onDone={() => setIsAdding(false)} /> : null}
      {list.isPending ? <Loading /> : null}
      {list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.data?.items.length === 0 && !isAdding ? <p>{text("vendors.none")}</p> : null}
      {list.data?.items.map((vendor) => (
        <OneVendor key={vendor.id} vendor={vendor} />
      ))}
    </>
  );
}

function OneVendor(props: { vendor: Vendor }) {
  const { t: text } = useTranslation("votes");
  const { language } = usePreferences();
  const mayWrite = useMay("vendor-pages.write");
  const [isEditing, setIsEditing] = useState(false);
  const { vendor } = props;
  const { id, page, leaving, missing, needsMotion, history } = vendor;
  const title = `vendor-${id}`;
  return (
    <section className="section" aria-labelledby={title}>
      <h2 id={title}>{page.name}</h2>
      <p className="quiet">{text("vendors.id", { id })}</p>
      {leaving !== undefined ? (
        <StateMark tone="refused">{text(`vendors.${leaving}`)}</StateMark>
      ) : needsMotion ? (
        <StateMark tone="refused">{text("vendors.needsMotion")}</StateMark>
      ) : missing.length === 0 ? (
        <StateMark tone="granted">{text("vendors.complete")}</StateMark>
      ) : null}
      {isEditing ? (
        <VendorForm vendor={vendor} onDone={() => setIsEditing(false)} />
      ) : (
        <>
          <VendorFacts page={page} missing={missing} language={language} />
          {mayWrite ? <Button onClick={() => setIsEditing(true)}>{text("vendors.edit")}</Button> : null}
        </>
      )}
      <VendorExitPart vendorId={id} />
      <ul className="plain-list">
        {history.map(({ revision, at, leafIndex }) => (
          <li key={revision}>
            <span>{text("vendors.history", { revision })}</span>
            <span>
              <ExactMoment epochMs={at} />
              {leafIndex === undefined ? null : <a href={`/public/#leaf=${leafIndex}`}> #{leafIndex}</a>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
