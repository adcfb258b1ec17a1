import "./texts/index.ts";
import { type ChangeReason, commandEndpoints } from "@menshen/wire";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { useCommand } from "../guard/use-command.ts";

/** Lets gates forget where somebody is who cannot come in any more, with a reason. Who it was is not kept. */
export function Forgive({ personId }: { personId: string }) {
  const { t } = useTranslation("presence");
  const may = useMay("doors.command");
  const forgive = useCommand((reason: ChangeReason) =>
    call(commandEndpoints.forgive, { body: { personId }, reason }),
  );
  if (!may) return null;
  return (
    <>
      <h3>{t("forgive.title")}</h3>
      <p className="quiet">{t("forgive.help")}</p>
      <ReasonButton label={t("forgive.act")} isPending={forgive.isPending} onConfirm={forgive.mutate} />
    </>
  );
}
