import { StateMark } from "@menshen/ui";
import {
  type ChangeReason,
  type Installation,
  installerEndpoints,
  type OldJournal as Journal,
} from "@menshen/wire";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";

/** What became of the records of the box whose place this one took, and how to save what only its disk holds. */
export function OldJournal({ installation: { gate, oldJournal } }: { installation: Installation }) {
  const { t } = useTranslation("installer");
  if (oldJournal === undefined) return null;
  const { lastSequence, saidWaiting, handedOver, diskLost } = oldJournal;
  return (
    <section className="section" aria-labelledby="old-journal">
      <h2 id="old-journal">{t("old.title")}</h2>
      {handedOver > 0 ? (
        <p>
          <StateMark tone="granted">{t("old.handedOver", { count: handedOver, lastSequence })}</StateMark>
        </p>
      ) : (
        <p>{t("old.stored", { lastSequence })}</p>
      )}
      {saidWaiting !== undefined && saidWaiting > handedOver ? (
        <p>{t("old.waiting", { count: saidWaiting - handedOver })}</p>
      ) : null}
      {diskLost === undefined ? (
        <OldDisk gateId={gate.id} journal={oldJournal} />
      ) : (
        <p>
          <StateMark tone="refused">{t("old.lost", { lastSequence })}</StateMark>{" "}
          {t("old.lostBy", { name: diskLost.by })} <ExactMoment epochMs={diskLost.at} />
        </p>
      )}
    </section>
  );
}

function OldDisk({ gateId, journal }: { gateId: string; journal: Journal }) {
  const { t } = useTranslation("installer");
  const mayWrite = useMay("gates.write");
  const say = useChange(
    (reason: ChangeReason) => call(installerEndpoints.diskLost, { params: { gateId }, reason }),
    { doneText: t("old.said") },
  );
  return (
    <>
      <p>{t("old.disk")}</p>
      <p className="code">menshen gate take-over FOLDER --config gate.json</p>
      <p className="quiet">
        {t("old.until")} <ExactMoment epochMs={journal.until} />
      </p>
      {mayWrite ? (
        <ReasonButton
          label={t("old.act")}
          isDangerous
          isPending={say.isPending}
          onConfirm={(reason) => say.mutate(reason)}
        />
      ) : null}
    </>
  );
}
