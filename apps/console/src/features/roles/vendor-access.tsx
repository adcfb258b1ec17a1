import "./texts/index.ts";
import { StateMark } from "@menshen/ui";
import {
  type ChangeReason,
  VENDOR_ACCESS_LONGEST_HOURS,
  type VendorAccess,
  vendorAccessEndpoints,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, InputNumber } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { useVendorAccess } from "./use-vendor-access.ts";

/** Opening hours for vendors, shutting them out, and when it was so before. */
export function VendorHours() {
  const { t } = useTranslation("roles");
  const mayAdmit = useMay("vendors.admit");
  const current = useVendorAccess();
  const all = useQuery({
    queryKey: [vendorAccessEndpoints.list.id],
    queryFn: ({ signal }) => call(vendorAccessEndpoints.list, { signal }),
  });
  const close = useChange((id: string) => call(vendorAccessEndpoints.close, { params: { id } }), {
    doneText: t("vendor.shut"),
  });
  if (all.isPending) return <Loading />;
  if (all.isError) return <Failed error={all.error} onRetry={() => void all.refetch()} />;
  const open = current.data?.open;
  return (
    <section className="section" aria-labelledby="vendors">
      <h2 id="vendors">{t("vendor.title")}</h2>
      <p className="lead">{t("vendor.help")}</p>
      <p>
        {open === undefined ? (
          <StateMark tone="granted">{t("vendor.closed")}</StateMark>
        ) : (
          <StateMark tone="refused">{t("vendor.openNow")}</StateMark>
        )}
      </p>
      {!mayAdmit ? null : open === undefined ? (
        <OpenHours />
      ) : (
        <Button danger loading={close.isPending} onClick={() => close.mutate(open.id)}>
          {t("vendor.close")}
        </Button>
      )}
      {all.data.items.length === 0 ? null : (
        <>
          <h3>{t("vendor.history")}</h3>
          <ul className="plain-list">
            {all.data.items.map((access) => (
              <HistoryLine key={access.id} access={access} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function HistoryLine({ access }: { access: VendorAccess }) {
  const { t } = useTranslation("roles");
  return (
    <li>
      <span>
        <strong>{t("vendor.line", { company: access.company, by: access.openedBy })}</strong>
        {access.closedBy === undefined ? null : (
          <span className="quiet"> {t("vendor.closedEarly", { by: access.closedBy })}</span>
        )}
      </span>
      <span>
        <ExactMoment epochMs={access.openedAt} /> – <ExactMoment epochMs={access.closedAt ?? access.until} />
      </span>
    </li>
  );
}

function OpenHours() {
  const { t } = useTranslation("roles");
  const id = useId();
  const [company, setCompany] = useState("");
  const [hours, setHours] = useState(2);
  const open = useChange(
    (reason: ChangeReason) =>
      call(vendorAccessEndpoints.open, { body: { company: company.trim(), hours }, reason }),
    { doneText: t("vendor.opened") },
  );
  return (
    <div className="filters">
      <label htmlFor={`${id}-company`}>
        {t("vendor.company")}
        <Input
          id={`${id}-company`}
          maxLength={80}
          value={company}
          onChange={(event) => setCompany(event.target.value)}
        />
      </label>
      <label htmlFor={`${id}-hours`}>
        {t("vendor.hours")}
        <InputNumber
          id={`${id}-hours`}
          min={1}
          max={VENDOR_ACCESS_LONGEST_HOURS}
          value={hours}
          onChange={(value) => setHours(value ?? 1)}
        />
      </label>
      {company.trim() === "" ? null : (
        <ReasonButton
          label={t("vendor.open")}
          isPending={open.isPending}
          onConfirm={(reason) => open.mutate(reason)}
        />
      )}
    </div>
  );
}
