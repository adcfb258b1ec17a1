import "./texts/index.ts";
import { shiftEndpoints } from "@menshen/wire";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { Failed } from "../../components/page-states.tsx";

/** Why homes are not shown: who is not on duty begins a shift here; anything else is said as it is. */
export function NotShown(props: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation("presence");
  const begin = useChange(() => call(shiftEndpoints.open, {}));
  const isOffDuty = props.error instanceof ApiError && props.error.code === "conflict";
  if (!isOffDuty) return <Failed error={props.error} onRetry={props.onRetry} />;
  return (
    <div className="off-duty">
      <p>{t("duty")}</p>
      <Button type="primary" size="large" loading={begin.isPending} onClick={() => begin.mutate(undefined)}>
        {t("begin")}
      </Button>
    </div>
  );
}
