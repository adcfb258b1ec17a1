import "../openings/texts/index.ts";
import "../openings/openings.css";
import { useTranslation } from "react-i18next";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Witnesses } from "../evidence/witnesses.tsx";
import { OwnRoles } from "../roles/own-roles.tsx";
import { VendorHours } from "../roles/vendor-access.tsx";
import { CeremonyUnderWay } from "./ceremony-under-way.tsx";
import { Custodians } from "./custodians.tsx";
import { PassSettings } from "./pass-settings.tsx";
import { Passkeys } from "./passkeys.tsx";
import { Retention } from "./retention.tsx";
import { StaffAccounts } from "./staff-accounts.tsx";

export default function SettingsPage() {
  const { t } = useTranslation();
  const mayReadStaff = useMay("staff.read");
  const mayAppoint = useMay("custody.write");
  const mayReadRules = useMay("rules.read");
  const mayWitness = useMay("witnesses.write");
  return (
    <>
      <PageHead title={t("nav.settings")} />
      <Passkeys />
      {mayReadStaff ? <StaffAccounts /> : null}
      {mayReadStaff ? <OwnRoles /> : null}
      {mayReadStaff ? <VendorHours /> : null}
      {mayReadRules ? <PassSettings /> : null}
      {mayAppoint ? <Custodians /> : null}
      {mayAppoint ? <CeremonyUnderWay /> : null}
      {mayWitness ? <Witnesses /> : null}
      {mayAppoint ? <Retention /> : null}
    </>
  );
}
