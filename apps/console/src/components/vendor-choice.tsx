import { vendorEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Form, Select } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../api/client.ts";

/** Whose device a new gate is: asked where several vendors are listed, inside a form with the field `vendorId`. */
export function VendorChoice(props: { size?: "large" }) {
  const { t } = useTranslation();
  const vendors = useQuery({
    queryKey: [vendorEndpoints.list.id],
    queryFn: ({ signal }) => call(vendorEndpoints.list, { signal }),
  });
  const items = vendors.data?.items ?? [];
  if (items.length < 2) return null;
  return (
    <Form.Item
      name="vendorId"
      label={t("doors.vendor")}
      rules={[{ required: true, message: t("doors.vendorMissing") }]}
    >
      <Select
        style={{ minWidth: "min(240px, 55vw)" }}
        {...(props.size === undefined ? {} : { size: props.size })}
        options={items.map(({ id, page, missing, needsMotion }) => {
          const why = needsMotion ? "doors.vendorNeedsMotion" : "doors.vendorIncomplete";
          const isBlocked = needsMotion || missing.length > 0;
          return {
            value: id,
            label: isBlocked ? t(why, { name: page.name }) : page.name,
            disabled: isBlocked,
          };
        })}
      />
    </Form.Item>
  );
}
