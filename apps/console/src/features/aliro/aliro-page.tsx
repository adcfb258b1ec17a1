import "./texts/index.ts";
import "./aliro.css";
import { StateMark } from "@menshen/ui";
import { type AliroState, aliroEndpoints, type ChangeReason } from "@menshen/wire";
import { Alert, InputNumber } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes } from "react-router";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay, useSignedIn } from "../../api/session.tsx";
import { DayText, RelativeMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, Failed, Forbidden, Loading, NotFound, OtherDuty } from "../../components/page-states.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { ResidentsData } from "../../components/residents-data.tsx";
import { useAliroState } from "./aliro-state.ts";
import { PhonesOfResidents } from "./phones.tsx";

/** Who the community is to telephones; and, for whoever said why they look, whose telephones open. */
export default function AliroPage() {
  const { t } = useTranslation("phones");
  const mayRead = useMay("credentials.read");
  const { duty } = useSignedIn();
  if (!mayRead) return duty === "operate" ? <Forbidden /> : <OtherDuty duty="operate" />;
  return (
    <Routes>
      <Route index element={<Keys />} />
      <Route
        path="residents"
        element={
          <ResidentsData title={t("people")} lead={t("documentsLead")}>
            <PhonesOfResidents />
          </ResidentsData>
        }
      />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}

function Keys() {
  const { t } = useTranslation("phones");
  const state = useAliroState();
  if (state.isPending) return <Loading />;
  return (
    <>
      <PageHead
        title={t("title")}
        lead={t("lead")}
        action={
          <span className="actions">
            <Link to="/credentials/phones/residents">{t("people")}</Link>
            <Link to="/credentials">{t("back")}</Link>
          </span>
        }
      />
      <Alert type="info" showIcon title={t("honest")} />
      {state.isError ? (
        <Failed error={state.error} onRetry={() => void state.refetch()} />
      ) : (
        <>
          <Groups groups={state.data.groups} />
          <Issuers issuers={state.data.issuers} />
        </>
      )}
    </>
  );
}

type Group = AliroState["groups"][number];

function Groups({ groups }: { groups: readonly Group[] }) {
  const { t } = useTranslation("phones");
  const doorGroups = [...new Set(groups.map(({ doorGroup }) => doorGroup))].toSorted((a, b) => a - b);
  return (
    <section className="section" aria-labelledby="aliro-groups">
      <h2 id="aliro-groups">{t("groups")}</h2>
      <p>{t("groupsLead")}</p>
      {groups.length === 0 ? <Empty title={t("none")}>{t("noneHelp")}</Empty> : null}
      {doorGroups.map((doorGroup) =>
        groups
          .filter((group) => group.doorGroup === doorGroup)
          .map((group, place) => <OneGroup key={group.id} group={group} isNewest={place === 0} />),
      )}
      <BeginGroup taken={doorGroups} />
    </section>
  );
}

function OneGroup({ group, isNewest }: { group: Group; isNewest: boolean }) {
  const { t } = useTranslation("phones");
  const mayWrite = useMay("credentials.write");
  const params = { id: group.id };
  const renew = useChange((reason: ChangeReason) => call(aliroEndpoints.renewReaders, { params, reason }), {
    doneText: t("renewed"),
  });
  const end = useChange((reason: ChangeReason) => call(aliroEndpoints.endGroup, { params, reason }), {
    doneText: t("groupEnded"),
  });
  const name = t("group", { group: group.doorGroup });
  return (
    <article className="aliro-key" aria-label={name}>
      <h3>
        {name}{" "}
        <StateMark tone={isNewest ? "granted" : "offline"}>{t(isNewest ? "newest" : "before")}</StateMark>
      </h3>
      <dl className="facts">
        <dt>{t("since")}</dt>
        <dd>
          <RelativeMoment epochMs={group.beganAt} />
        </dd>
        <dt>{t("publicKey")}</dt>
        <dd>
          <code>{group.publicKey}</code>
        </dd>
        <dt>{t("identifier")}</dt>
        <dd>
          <code>{group.identifier}</code>
        </dd>
        <dt>{t("certificates")}</dt>
        <dd>
          {group.readers.length === 0 ? <span className="quiet">{t("noGates")}</span> : null}
          <ul className="plain-list aliro-certificates">
            {group.readers.map(({ gateId, gateName, until }) => (
              <li key={gateId}>
                <span>{gateName}</span>
                <span className="quiet">
                  {t("keyVersion", { version: group.readerVersion })} · {t("certificateUntil")}{" "}
                  <DayText epochMs={until} />
                </span>
              </li>
            ))}
          </ul>
        </dd>
      </dl>
      {mayWrite ? (
        <>
          <span className="actions">
            <ReasonButton label={t("renew")} isPending={renew.isPending} onConfirm={renew.mutate} />
            <ReasonButton
              label={t("endGroup")}
              isPending={end.isPending}
              isDangerous
              onConfirm={end.mutate}
            />
          </span>
          <p className="quiet">{t("endGroupHelp")}</p>
        </>
      ) : null}
    </article>
  );
}

function BeginGroup({ taken }: { taken: readonly number[] }) {
  const { t } = useTranslation("phones");
  const mayWrite = useMay("credentials.write");
  const [doorGroup, setDoorGroup] = useState(1);
  const begin = useChange(
    (reason: ChangeReason) => call(aliroEndpoints.beginGroup, { body: { doorGroup }, reason }),
    {
      doneText: t("begun"),
      refusedText: (error) =>
        error instanceof ApiError && error.code === "conflict" ? t("beginRefused") : undefined,
    },
  );
  if (!mayWrite) return <p className="quiet">{t("mayNot")}</p>;
  return (
    <div className="actions aliro-begin">
      <span>
        <label htmlFor="aliro-door-group">{t("beginLabel")}</label>{" "}
        <InputNumber
          id="aliro-door-group"
          min={1}
          max={13}
          precision={0}
          value={doorGroup}
          onChange={(value) => setDoorGroup(value ?? 1)}
        />
      </span>
      <ReasonButton
        label={t(taken.includes(doorGroup) ? "beginNext" : "begin")}
        isPending={begin.isPending}
        isPrimary
        onConfirm={begin.mutate}
      />
    </div>
  );
}

function Issuers({ issuers }: { issuers: AliroState["issuers"] }) {
  const { t } = useTranslation("phones");
  const mayWrite = useMay("credentials.write");
  const begin = useChange((reason: ChangeReason) => call(aliroEndpoints.beginIssuer, { reason }), {
    doneText: t("issuerBegun"),
  });
  return (
    <section className="section" aria-labelledby="aliro-issuers">
      <h2 id="aliro-issuers">{t("issuers")}</h2>
      <p>{t("issuersLead")}</p>
      {issuers.length === 0 ? <p className="quiet">{t("noIssuer")}</p> : null}
      {issuers.map((issuer, place) => (
        <OneIssuer key={issuer.id} issuer={issuer} isNewest={place === 0} isOnly={issuers.length === 1} />
      ))}
      {mayWrite && issuers.length === 1 ? (
        <ReasonButton label={t("beginIssuer")} isPending={begin.isPending} onConfirm={begin.mutate} />
      ) : null}
    </section>
  );
}

function OneIssuer(props: { issuer: AliroState["issuers"][number]; isNewest: boolean; isOnly: boolean }) {
  const { t } = useTranslation("phones");
  const mayWrite = useMay("credentials.write");
  const { issuer, isNewest, isOnly } = props;
  const end = useChange(
    (reason: ChangeReason) => call(aliroEndpoints.endIssuer, { params: { id: issuer.id }, reason }),
    { doneText: t("issuerEnded") },
  );
  return (
    <article className="aliro-key">
      <p>
        <StateMark tone={isNewest ? "granted" : "offline"}>
          {t(isNewest ? "newestIssuer" : "oldIssuer")}
        </StateMark>{" "}
        <span className="quiet">
          {t("since")} <RelativeMoment epochMs={issuer.beganAt} />
        </span>
      </p>
      <p>
        <code>{issuer.publicKey}</code>
      </p>
      {mayWrite && !isOnly ? (
        <ReasonButton label={t("endIssuer")} isPending={end.isPending} isDangerous onConfirm={end.mutate} />
      ) : null}
    </article>
  );
}
