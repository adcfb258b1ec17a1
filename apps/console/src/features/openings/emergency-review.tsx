import { StateMark } from "@menshen/ui";
import { type ChangeReason, type Opening, openingEndpoints } from "@menshen/wire";
import { Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { useNow } from "../../components/moments.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { DocumentField } from "./document-field.tsx";
import { FormField } from "./form-field.tsx";
import { useMomentText } from "./moment-text.ts";
import { useTimeLeft } from "./opening-state.tsx";

type Review = NonNullable<Opening["review"]>;

/** What every emergency owes within 72 hours, with its clock. */
export function EmergencyReview(props: { opening: Opening; review: Review }) {
  const { t } = useTranslation("openings");
  const mayReview = useMay("openings.review");
  const moment = useMomentText();
  const timeLeft = useTimeLeft();
  const now = useNow(30_000);
  const { opening, review } = props;
  return (
    <section className="section" aria-labelledby="opening-review">
      <h2 id="opening-review">{t("detail.review")}</h2>
      <p>{t("detail.reviewHelp")}</p>
      {review.doneAt !== undefined && review.outcome !== undefined ? (
        <StateMark tone={review.outcome === "justified" ? "granted" : "refused"}>
          {t("detail.reviewDone", {
            time: moment(review.doneAt),
            outcome: t(`detail.outcomeOf.${review.outcome}`),
          })}
        </StateMark>
      ) : (
        <>
          <p>
            {t("detail.reviewDue", { time: moment(review.dueAt) })}{" "}
            {review.overdue || review.dueAt <= now ? (
              <StateMark tone="alarm">{t("detail.reviewOverdue")}</StateMark>
            ) : (
              <StateMark tone="refused">
                {t("detail.reviewLeft", { time: timeLeft(review.dueAt - now) })}
              </StateMark>
            )}
          </p>
          {mayReview ? <Judgement opening={opening} /> : <p className="quiet">{t("detail.reviewBy")}</p>}
        </>
      )}
    </section>
  );
}

/** Right or not; right only with the papers that were left out. */
function Judgement(props: { opening: Opening }) {
  const { t } = useTranslation("openings");
  const { opening } = props;
  const [documentNumber, setDocumentNumber] = useState("");
  const [documentSha256, setDocumentSha256] = useState<string>();
  const record = useChange((input: { outcome: "justified" | "not-justified"; reason: ChangeReason }) =>
    call(openingEndpoints.review, {
      params: { id: opening.id },
      body: {
        outcome: input.outcome,
        ...(documentNumber.trim() === "" || documentSha256 === undefined
          ? {}
          : { documentNumber: documentNumber.trim(), documentSha256 }),
      },
      reason: input.reason,
    }),
  );
  const papersMissing = opening.documentNumber === undefined;
  const hasPapers = !papersMissing || (documentNumber.trim() !== "" && documentSha256 !== undefined);
  return (
    <div className="intake">
      {papersMissing ? (
        <>
          <p>{t("detail.reviewPapers")}</p>
          <FormField label={t("form.documentNumber")} refusals={[]}>
            {(field) => (
              <Input
                {...field}
                maxLength={200}
                value={documentNumber}
                onChange={(event) => setDocumentNumber(event.target.value)}
              />
            )}
          </FormField>
          <DocumentField
            label={t("form.scan")}
            hint={t("form.scanHint")}
            sha256={documentSha256}
            refusals={[]}
            onChange={setDocumentSha256}
          />
        </>
      ) : null}
      <span className="actions">
        {(["justified", "not-justified"] as const)
          .filter((outcome) => outcome === "not-justified" || hasPapers)
          .map((outcome) => (
            <ReasonButton
              key={outcome}
              label={outcome === "justified" ? t("detail.justified") : t("detail.notJustified")}
              isPending={record.isPending}
              onConfirm={(reason) => record.mutate({ outcome, reason })}
            />
          ))}
      </span>
    </div>
  );
}
