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

/** Better words for rules that would keep residents out of the only way they have, or count nobody who leaves. */
export function useRuleRefusal(): (error: unknown) => string | undefined {
  const { t } = useTranslation("doorRules");
  return (error) => {
    if (!(error instanceof ApiError)) return undefined;
    if (error.code === "only-path") return t("onlyPath");
    return error.code === "conflict" ? t("exitUnseen") : undefined;
  };
}
