import { identityKeyOf } from "@menshen/custody";
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { PageHead } from "../../components/page-head.tsx";
import { Loading } from "../../components/page-states.tsx";
import { CeremonySection } from "./ceremony-section.tsx";
import { FirstSet, WaitingSet } from "./custodian-sets.tsx";
import { useContents, useDesk } from "./desk-context.tsx";
import { Glance, Remains } from "./glance.tsx";
import { OwnCode } from "./identity-code.tsx";
import { RequestList } from "./request-list.tsx";
import { SecretVotes } from "./secret-votes.tsx";
import { useCustodyStatus, useStanding } from "./use-standing.ts";
import { WaitingPolicy } from "./waiting-policy.tsx";

/** The desk: what waits for this custodian first, then what it holds. */
export function DeskPage() {
  const { t } = useTranslation("custodian");
  const { t: shared } = useTranslation();
  const desk = useDesk();
  const contents = useContents();
  const read = useStanding();
  const status = useCustodyStatus();
  if (read.isPending) return <Loading />;
  const known = read.data ?? {};
  const { fault, firstSet, index, set, shown } = known;
  const isStranger = set === undefined && firstSet === undefined;
  const isRetired = set !== undefined && index === undefined;
  return (
    <>
      <PageHead title={t("title")} />
      {read.isError ? <Alert type="warning" showIcon title={t("offline")} /> : null}
      {fault === undefined ? null : (
        <Alert type="error" showIcon title={t("fault.title")} description={t(`fault.${fault}`)} />
      )}
      {desk.destroyedAtOpening.length === 0 ? null : (
        <Alert
          type="info"
          showIcon
          title={t("destroyedNow", { epochs: desk.destroyedAtOpening.join(shared("common.comma")) })}
        />
      )}
      <div className="desk__columns">
        <div>
          {isStranger && !read.isError ? (
            <>
              <h2>{t("identity.notAppointed")}</h2>
              <p>{t("identity.notAppointedHelp")}</p>
            </>
          ) : null}
          {isRetired ? (
            <>
              <h2>{t("identity.retired")}</h2>
              <p>{t("identity.retiredHelp")}</p>
            </>
          ) : null}
          {firstSet === undefined ? null : <FirstSet set={firstSet} />}
          {set === undefined || index === undefined ? null : (
            <>
              {shown === undefined ? null : <RequestList index={index} />}
              {shown === undefined || fault !== undefined ? null : <SecretVotes set={set} index={index} />}
              <WaitingSet set={set} index={index} standing={known} />
              <WaitingPolicy set={set} index={index} standing={known} />
              {fault === undefined && shown !== undefined ? (
                <CeremonySection set={set} index={index} standing={known} />
              ) : null}
            </>
          )}
          {isRetired ? null : (
            <section className="section" aria-labelledby="identity">
              <h2 id="identity">{t("identity.title")}</h2>
              <OwnCode identityKey={identityKeyOf(contents)} />
              <p className="desk-warning">{t("setUp.lost")}</p>
            </section>
          )}
        </div>
        <div>
          {isRetired ? <Remains /> : null}
          {set === undefined || index === undefined ? null : (
            <Glance set={set} index={index} status={status.data} />
          )}
        </div>
      </div>
    </>
  );
}
