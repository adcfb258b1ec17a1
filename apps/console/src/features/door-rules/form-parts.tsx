import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client.ts";

/** How each form of this page ends. */
export function SaveOrCancel(props: { isPending: boolean; onCancel: () => void }) {
  const { t } = useTranslation();
  return (
    <span className="actions">
      <Button type="primary" htmlType="submit" loading={props.isPending}>
        {t("common.save")}
      </Button>
      <Button onClick={props.onCancel}>{t("common.cancel")}</Button>
    </span>
  );
}

/** Better words for a rule that would keep residents out of the only way they have. */
export function useOnlyPathText(): (error: unknown) => string | undefined {
  const { t } = useTranslation("doorRules");
  return (error) => (error instanceof ApiError && error.code === "only-path" ? t("onlyPath") : undefined);
}
