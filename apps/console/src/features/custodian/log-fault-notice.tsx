import { acknowledgeLogFault } from "@menshen/custody";
import { useMutation } from "@tanstack/react-query";
import { Alert, App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { problemText } from "../../components/problem-text.ts";
import { useContents, useDesk } from "./desk-context.tsx";

/** The log contradicted itself: what was seen, and the person's word that the others know. */
export function LogFaultNotice() {
  const { t } = useTranslation("custodian");
  const { t: shared } = useTranslation();
  const { message } = App.useApp();
  const desk = useDesk();
  const { logFault, seen } = useContents();
  const acknowledge = useMutation({
    mutationFn: (believe: "seen" | "shown") =>
      desk.change((contents) => acknowledgeLogFault(contents, believe)),
    onError: (error) => void message.error(problemText(shared, error), 6),
  });
  if (logFault === undefined) return null;
  const { isPending } = acknowledge;
  return (
    <Alert
      type="error"
      showIcon
      title={t(`logFault.${logFault.kind}`)}
      description={
        <>
          <p>{t("logFault.help")}</p>
          <dl>
            {seen === undefined ? null : (
              <>
                <dt>{t("logFault.seen")}</dt>
                <dd>{t("logFault.tree", { count: seen.size, root: seen.root })}</dd>
              </>
            )}
            <dt>{t("logFault.shown")}</dt>
            <dd>{t("logFault.tree", { count: logFault.size, root: logFault.root })}</dd>
          </dl>
          <span className="actions">
            <Button loading={isPending} onClick={() => acknowledge.mutate("seen")}>
              {t("logFault.keep")}
            </Button>
            <Button danger loading={isPending} onClick={() => acknowledge.mutate("shown")}>
              {t("logFault.take")}
            </Button>
          </span>
        </>
      }
    />
  );
}
