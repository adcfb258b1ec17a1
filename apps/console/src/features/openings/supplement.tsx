import { type ChangeReason, type Opening, openingEndpoints } from "@menshen/wire";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";

/** Entries of the request's own doors and hours that arrived after it was taken in; as long as it can be answered. */
export function Supplement(props: { opening: Opening }) {
  const { t } = useTranslation("openings");
  const { id, state, heldBy, logged } = props.opening;
  const [added, setAdded] = useState<number>();
  const supplement = useChange(
    (reason: ChangeReason) => call(openingEndpoints.supplement, { params: { id }, reason }),
    { onDone: (answer) => setAdded(answer.added) },
  );
  if (state !== "requested" || heldBy !== undefined || !logged) return null;
  return (
    <section className="section" aria-labelledby="late-entries">
      <h2 id="late-entries">{t("detail.late.title")}</h2>
      <p className="quiet">{t("detail.late.help")}</p>
      {added === undefined ? null : (
        <p role="status">{added === 0 ? t("detail.late.none") : t("detail.late.added", { count: added })}</p>
      )}
      <ReasonButton
        label={t("detail.late.look")}
        isPending={supplement.isPending}
        onConfirm={supplement.mutate}
      />
    </section>
  );
}
