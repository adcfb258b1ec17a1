import { formatDay } from "@menshen/ui";
import { useTranslation } from "react-i18next";
import { useSignedIn } from "../../api/session.tsx";
import { localDateTimeToEpochMs } from "../../components/local-time.ts";
import { useMomentFormat } from "../../components/moments.tsx";
import type { IntakeForm } from "./intake-draft.ts";

/** What custodians will read, in one sentence, before it is entered for good. */
export function IntakeSummary(props: { form: IntakeForm; doorName: (id: string) => string | undefined }) {
  const { t } = useTranslation("openings");
  const { t: shared } = useTranslation();
  const { timeZone } = useSignedIn().community;
  const format = useMomentFormat();
  const { form } = props;
  const minute = (text: string) => text.replace("T", " ");
  const sealMs = localDateTimeToEpochMs(form.sealUntil, timeZone);
  return (
    <section className="intake__summary" aria-label={t("form.fineTitle")}>
      <p>
        <strong>{t("form.fineTitle")}</strong>
      </p>
      <p className="intake__sentence">
        {t("form.fineSentence", {
          authority: form.authority.trim(),
          number: form.documentNumber.trim() || t("noNumber"),
          purpose: form.purpose === undefined ? "" : t(`purposeOf.${form.purpose}`),
          doors: form.accessPointIds
            .map((id) => props.doorName(id) ?? t("doorGone"))
            .join(shared("common.comma")),
          from: minute(form.from),
          until: minute(form.until),
          cap: form.entryCap ?? "",
        })}
      </p>
      {form.path === "ordinary" && form.aim === "hold" ? (
        <p>{t("form.fineHold", { time: minute(form.holdUntil) })}</p>
      ) : null}
      <p>
        {t("form.fineDeadline", {
          deadline: minute(form.deadline),
          seal: sealMs === undefined ? "" : formatDay(sealMs, format),
        })}
      </p>
      <p className="quiet">{t("form.fineLogged")}</p>
    </section>
  );
}
