import "./texts/index.ts";
import { formatClock } from "@menshen/ui";
import { useTranslation } from "react-i18next";
import { useMomentFormat } from "../../components/moments.tsx";
import { useVendorAccess } from "./use-vendor-access.ts";

/** A line on every screen while vendors are let in. */
export default function VendorBanner() {
  const { t } = useTranslation("roles");
  const format = useMomentFormat();
  const open = useVendorAccess().data?.open;
  if (open === undefined) return null;
  return (
    <div className="banner" role="status">
      {t("vendor.banner", {
        company: open.company,
        until: formatClock(open.until, format),
        by: open.openedBy,
      })}
    </div>
  );
}
