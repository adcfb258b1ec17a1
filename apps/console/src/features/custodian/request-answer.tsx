import { fromHex } from "@menshen/crypto";
import { custodianRefusalText, type EntryRefusal } from "@menshen/custody";
import {
  CUSTODIAN_REFUSALS,
  type CustodianOpening,
  type CustodianRefusal,
  custodianOpeningEndpoints,
} from "@menshen/wire";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Select } from "antd";
import { useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { problemText } from "../../components/problem-text.ts";
import { usePreferences } from "../../preferences.tsx";
import { sayYes, sealedIn, type YesSaid } from "./answer-request.ts";
import { useDesk } from "./desk-context.tsx";
import { answerOf } from "./request-list.tsx";

/** Yes, or no with a reason. */
export function RequestAnswer(props: {
  opening: CustodianOpening;
  index: number;
  threshold: number;
  /** The program found nothing against it. */
  mayAnswer: boolean;
}) {
  const { t } = useTranslation("custodian");
  const { t: shared } = useTranslation();
  const { language } = usePreferences();
  const { message } = App.useApp();
  const desk = useDesk();
  const client = useQueryClient();
  const [isRefusing, setIsRefusing] = useState(false);
  const { opening, index } = props;
  const { id } = opening;
  const sealedCount = useMemo(
    () =>
      (opening.held?.length ?? 0) +
      opening.entries.filter(({ entry }) => sealedIn(fromHex(entry)) !== undefined).length,
    [opening.entries, opening.held],
  );
  const renew = () => client.invalidateQueries({ queryKey: ["custodian"] });
  const onError = (error: unknown) => void message.error(problemText(shared, error), 6);
  const yes = useMutation({ mutationFn: () => sayYes(desk, id, index), onSuccess: renew, onError });
  const no = useMutation({
    mutationFn: (reason: CustodianRefusal) =>
      desk.call(custodianOpeningEndpoints.refuse, { params: { id }, body: { reason } }),
    onSuccess: async () => {
      setIsRefusing(false);
      await renew();
      void message.success(t("requests.refusedDone"));
    },
    onError,
  });
  const answer = answerOf(opening, index);
  const isOpen = opening.state === "requested" && (answer === "waiting" || answer === "notCalled");
  const isHold = opening.holdUntil !== undefined;
  const said = yes.data;
  return (
    <section className="section" aria-label={t("requests.others")}>
      <p>{sealedCount === 0 ? t("requests.nothingSealed") : t("requests.inScope", { count: sealedCount })}</p>
      {isOpen ? (
        <>
          <p className="quiet">
            {t(isHold ? "requests.yesHoldHelp" : "requests.yesHelp", { threshold: props.threshold })}
          </p>
          <span className="actions">
            <Button
              type="primary"
              size="large"
              disabled={!props.mayAnswer || sealedCount === 0}
              loading={yes.isPending}
              onClick={() => yes.mutate()}
            >
              {yes.isPending ? t("requests.making") : t(isHold ? "requests.yesHold" : "requests.yes")}
            </Button>
            <Button size="large" aria-expanded={isRefusing} onClick={() => setIsRefusing(!isRefusing)}>
              {t("requests.no")}
            </Button>
          </span>
          {isRefusing ? (
            <RefusalForm isPending={no.isPending} onSend={(reason) => no.mutate(reason)} />
          ) : null}
        </>
      ) : (
        <p role="status">
          <strong>{t(`requests.yourAnswer.${answer}`)}</strong>
        </p>
      )}
      <div role="status">
        {said === undefined ? null : "counted" in said ? (
          <Said said={said} />
        ) : (
          <p>{custodianRefusalText(said.refusal, language)}</p>
        )}
      </div>
    </section>
  );
}

function Said(props: { said: YesSaid }) {
  const { t } = useTranslation("custodian");
  const { language } = usePreferences();
  const { counted, refused, rejected } = props.said;
  const counts = new Map<EntryRefusal, number>();
  for (const refusal of refused) counts.set(refusal, (counts.get(refusal) ?? 0) + 1);
  return (
    <>
      <p>{t("requests.said", { count: counted })}</p>
      {rejected === 0 ? null : <p>{t("requests.rejected", { count: rejected })}</p>}
      {[...counts].map(([refusal, count]) => (
        <p key={refusal}>
          {t("requests.entryRefused", { count, why: custodianRefusalText(refusal, language) })}
        </p>
      ))}
    </>
  );
}

function RefusalForm(props: { isPending: boolean; onSend: (reason: CustodianRefusal) => void }) {
  const { t } = useTranslation("custodian");
  const { t: words } = useTranslation("openings");
  const id = useId();
  const [reason, setReason] = useState<CustodianRefusal>();
  return (
    <form
      className="reason-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason !== undefined) props.onSend(reason);
      }}
    >
      <label htmlFor={id}>{t("requests.noReason")}</label>
      <Select<CustodianRefusal>
        id={id}
        value={reason ?? null}
        onChange={setReason}
        options={CUSTODIAN_REFUSALS.map((value) => ({ value, label: words(`refusalOf.${value}`) }))}
      />
      <p className="quiet">{t("requests.noReasonHelp")}</p>
      <span className="actions">
        <Button htmlType="submit" disabled={reason === undefined} loading={props.isPending}>
          {t("requests.noSend")}
        </Button>
      </span>
    </form>
  );
}
