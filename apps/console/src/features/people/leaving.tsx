import "../settings/texts/index.ts";
import { type ChangeReason, type Person, type PersonErasure, personEndpoints } from "@menshen/wire";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { DayText, ExactMoment } from "../../components/moments.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { DeletionProgress } from "../deletions/deletion-progress.tsx";

/** Removing a person, which can be undone, and deleting a removed one, which cannot. */
export function Leaving(props: { person: Person; onErased: (receipt: PersonErasure) => void }) {
  const { t } = useTranslation("retention");
  const mayWrite = useMay("homes.write");
  const { id, removedAt } = props.person;
  const params = { id };
  // The way back stands beside it, so that no notice with a name outlives the person.
  // Who lives here is removed only because they asked for it themselves, or once they were asked.
  const remove = useChange(() =>
    call(personEndpoints.remove, { params, reason: { code: "resident-request" } }),
  );
  const restore = useChange(() => call(personEndpoints.restore, { params }));
  const erase = useChange((reason: ChangeReason) => call(personEndpoints.erase, { params, reason }), {
    onDone: props.onErased,
    doneText: t("person.erased"),
  });
  if (!mayWrite) return null;
  return (
    <section>
      <h3>{t("person.title")}</h3>
      {removedAt === undefined ? (
        <>
          <p className="quiet">{t("person.removeHelp")}</p>
          <Button loading={remove.isPending} onClick={() => remove.mutate(undefined)}>
            {t("person.remove")}
          </Button>
        </>
      ) : (
        <>
          <p>
            {t("person.removedSince")} <ExactMoment epochMs={removedAt} />{" "}
            <Button loading={restore.isPending} onClick={() => restore.mutate(undefined)}>
              {t("person.restore")}
            </Button>
          </p>
          <p className="quiet">{t("person.eraseHelp")}</p>
          <ReasonButton
            label={t("person.erase")}
            isDangerous
            isPending={erase.isPending}
            onConfirm={(reason) => erase.mutate(reason)}
          />
        </>
      )}
    </section>
  );
}

/** What became of a person's data, for them to keep. It names nobody. */
export function ErasureReceipt(props: { receipt: PersonErasure }) {
  const { t } = useTranslation("retention");
  const { erasedAt, sealedUntil, recordsUntil, statements, leafId } = props.receipt;
  return (
    <section aria-labelledby="erasure-receipt" role="status">
      <h2 id="erasure-receipt">{t("person.receipt.title")}</h2>
      <dl className="facts">
        <dt>{t("person.receipt.at")}</dt>
        <dd>
          <ExactMoment epochMs={erasedAt} />
        </dd>
        <dt>{t("person.receipt.sealed")}</dt>
        <dd>
          <DayText epochMs={sealedUntil} />
          <p className="quiet">{t("person.receipt.sealedHelp")}</p>
        </dd>
        <dt>{t("person.receipt.records")}</dt>
        <dd>
          <DayText epochMs={recordsUntil} />
        </dd>
        <dt>{t("person.receipt.statements")}</dt>
        <dd>{statements}</dd>
        <dt>{t("person.receipt.leaf")}</dt>
        <dd>
          <code>{leafId}</code>
        </dd>
      </dl>
      <DeletionProgress id={props.receipt.deletionId} />
      <Button onClick={() => window.print()}>{t("person.receipt.print")}</Button>
    </section>
  );
}
