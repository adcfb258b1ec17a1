import "../openings/texts/index.ts";
import "../openings/openings.css";
import { useIsFetching } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Witnesses } from "../evidence/witnesses.tsx";
import { ReceptionSettings } from "../reception/reception-settings.tsx";
import { OwnRoles } from "../roles/own-roles.tsx";
import { VendorHours } from "../roles/vendor-access.tsx";
import { CeremonyUnderWay } from "./ceremony-under-way.tsx";
import { Custodians } from "./custodians.tsx";
import { PassSettings } from "./pass-settings.tsx";
import { Passkeys } from "./passkeys.tsx";
import { Retention } from "./retention.tsx";
import { StaffAccounts } from "./staff-accounts.tsx";

/** Brings the section that the address names into view, once what stands above it has its size. */
function useSectionOfAddress(): void {
  const { hash } = useLocation();
  const isLoading = useIsFetching() > 0;
  useEffect(() => {
    if (!isLoading && hash !== "") document.getElementById(hash.slice(1))?.scrollIntoView();
  }, [hash, isLoading]);
}

export default function SettingsPage() {
  const { t } = useTranslation();
  const mayReadStaff = useMay("staff.read");
  const mayAppoint = useMay("custody.write");
  const mayReadRules = useMay("rules.read");
  const mayReceive = useMay("reception.keep");
  const mayWitness = useMay("witnesses.write");
  useSectionOfAddress();
  return (
    <>
      <PageHead title={t("nav.settings")} />
      <Passkeys />
      {mayReadStaff ? <StaffAccounts /> : null}
      {mayReadStaff ? <OwnRoles /> : null}
      {mayReadStaff ? <VendorHours /> : null}
      {mayReadRules ? <PassSettings /> : null}
      {mayReceive ? <ReceptionSettings /> : null}
      {mayAppoint ? <Custodians /> : null}
      {mayAppoint ? <CeremonyUnderWay /> : null}
      {mayWitness ? <Witnesses /> : null}
      {mayAppoint ? <Retention /> : null}
    </>
  );
}
