import { useTranslation } from "react-i18next";
import { PageHead } from "../../components/page-head.tsx";
import { DoorPagesNav } from "../door-rules/door-pages-nav.tsx";
import { Areas } from "./areas.tsx";
import { Gates } from "./gates.tsx";
import { Portals } from "./portals.tsx";
import { Readers } from "./readers.tsx";

/** The installation: doors with their access points, the gates that drive them, the areas they lead between. */
export default function DoorsPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t("nav.doors")} lead={t("doors.lead")} />
      <DoorPagesNav />
      <Portals />
      <Readers />
      <Gates />
      <Areas />
    </>
  );
}
