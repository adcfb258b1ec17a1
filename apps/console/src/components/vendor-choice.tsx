import { type Vendor, vendorEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Form, Select } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../api/client.ts";

/**
 * Whose device a new gate is: asked where several vendors are listed, or the only one may install nothing, inside a form
 * with the field `vendorId`.
 */
export function VendorChoice(props: { size?: "large" }) {
  const { t } = useTranslation();
  const vendors = useQuery({
    queryKey: [vendorEndpoints.list.id],
    queryFn: ({ signal }) => call(vendorEndpoints.list, { signal }),
  });
  const items = vendors.data?.items ?? [];
  if (items.length < 2 && items.every((vendor) => whyNot(vendor) === undefined)) return null;
  return (
    <Form.Item
      name="vendorId"
      label={t("doors.vendor")}
      rules={[{ required: true, message: t("doors.vendorMissing") }]}
    >
      <Select
        style={{ minWidth: "min(240px, 55vw)" }}
        {...(props.size === undefined ? {} : { size: props.size })}
        options={items.map((vendor) => {
          const why = whyNot(vendor);
          const { name } = vendor.page;
          return {
            value: vendor.id,
            label: why === undefined ? name : t(`doors.${why}`, { name }),
            disabled: why !== undefined,
          };
        })}
      />
    </Form.Item>
  );
}

/** Why nothing of a vendor is installed now, as the server would refuse it; `undefined` where it may be. */
function whyNot({ leaving, missing, needsMotion }: Vendor) {
  if (leaving === "gone") return "vendorGone";
  if (leaving === "going") return "vendorGoing";
  if (needsMotion) return "vendorNeedsMotion";
  return missing.length > 0 ? "vendorIncomplete" : undefined;
}
