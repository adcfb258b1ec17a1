import "./texts/index.ts";
import { StateMark } from "@menshen/ui";
import {
  type CardKeyGroup,
  type ChangeReason,
  cardKeyEndpoints,
  type Duty,
  type Gate,
  gateEndpoints,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange } from "../../api/records.tsx";
import { useDutyChange, useMay, useSignedIn } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { useCardKeyReport } from "./use-card-keys.ts";

/**
 * What to do about a stolen gate, in order: the gate is shut out by who looks after gates, the cards are changed by who
 * looks after cards, and one person may do both by changing the duty in between. The address says which gate it is.
 */
export function StolenGate() {
  const { t } = useTranslation("cardKeys");
  const [search, setSearch] = useSearchParams();
  const gates = usePaged(gateEndpoints.list, { limit: 200 });
  const installed = gates.items.filter(({ enrolment }) => enrolment !== "new");
  const gate = installed.find(({ id }) => id === search.get("gate"));
  if (gates.isPending) return <Loading />;
  if (gates.isError) return <Failed error={gates.error} onRetry={() => void gates.refetch()} />;
  return (
    <>
      <PageHead title={t("wizard.title")} lead={t("wizard.lead")} />
      <p>
        <Link to="/credentials/keys">{t("toKeys")}</Link>
      </p>
      <Step number={1} title={t("wizard.which")}>
        {installed.length === 0 ? (
          <p>{t("wizard.noGates")}</p>
        ) : (
          <Select
            className="wide-select"
            aria-label={t("wizard.choose")}
            placeholder={t("wizard.choose")}
            value={gate?.id ?? null}
            onChange={(id) => setSearch({ gate: id }, { replace: true })}
            options={installed.map(({ id, name, doorGroup }) => ({
              value: id,
              label: `${name} · ${t("wizard.group", { group: doorGroup })}`,
            }))}
          />
        )}
      </Step>
      {gate === undefined ? null : <Steps gate={gate} gates={installed} />}
    </>
  );
}

function Step(props: { number: number; title: string; children: ReactNode }) {
  const id = `stolen-step-${props.number}`;
  return (
    <section className="section" aria-labelledby={id}>
      <h2 id={id}>
        {props.number}. {props.title}
      </h2>
      {props.children}
    </section>
  );
}

function Steps({ gate, gates }: { gate: Gate; gates: readonly Gate[] }) {
  const { t } = useTranslation("cardKeys");
  const mayRead = useMay("credentials.read");
  const { doorGroup } = gate;
  const group = useQuery({
    queryKey: [cardKeyEndpoints.group.id, doorGroup],
    enabled: mayRead,
    queryFn: ({ signal }) => call(cardKeyEndpoints.group, { params: { doorGroup }, signal }),
  });
  const others = gates.filter((one) => one.id !== gate.id && one.doorGroup === doorGroup);
  return (
    <>
      <Step number={2} title={t("wizard.shutOut")}>
        <ShutOut gate={gate} />
      </Step>
      <Step number={3} title={t("wizard.cards")}>
        {!mayRead ? (
          <DutyNeeded duty="operate" />
        ) : group.isPending ? (
          <Loading />
        ) : group.isError ? (
          <Failed error={group.error} onRetry={() => void group.refetch()} />
        ) : (
          <Known group={group.data} others={others.map(({ name }) => name)} />
        )}
      </Step>
      {group.data === undefined || group.data.cards === 0 ? null : (
        <>
          <Step number={4} title={t("wizard.newKeys")}>
            <NewKeys gate={gate} cards={group.data.cards} />
          </Step>
          <Step number={5} title={t("wizard.notice")}>
            <ul>
              <li>{t("wizard.noticeDoors")}</li>
              <li>{t("wizard.noticeDesk")}</li>
              <li>{t("wizard.noticePublic")}</li>
              <li>{t("wizard.noticeEnd")}</li>
            </ul>
          </Step>
        </>
      )}
    </>
  );
}

/** A step of another duty: whoever has that one too changes to it here. */
function DutyNeeded(props: { duty: Duty }) {
  const { t } = useTranslation("cardKeys");
  const { t: text } = useTranslation();
  const { duties } = useSignedIn();
  const changeDuty = useDutyChange();
  const duty = text(`duty.${props.duty}`);
  return (
    <p>
      <span className="quiet">{t("wizard.duty", { duty })}</span>{" "}
      {duties.includes(props.duty) ? (
        <Button onClick={() => void changeDuty(props.duty)}>{text("state.changeDuty", { duty })}</Button>
      ) : null}
    </p>
  );
}

function ShutOut({ gate }: { gate: Gate }) {
  const { t } = useTranslation("cardKeys");
  const mayWrite = useMay("gates.write");
  const { id, name } = gate;
  const revoke = useChange((reason: ChangeReason) => call(gateEndpoints.revoke, { params: { id }, reason }), {
    doneText: t("wizard.revoked", { name }),
  });
  if (gate.enrolment === "revoked") {
    return (
      <p>
        <StateMark tone="granted">{t("wizard.done")}</StateMark> {name}
      </p>
    );
  }
  return (
    <>
      <p>{t("wizard.shutOutHelp")}</p>
      {mayWrite ? (
        <ReasonButton
          label={t("wizard.revoke", { name })}
          isDangerous
          isPending={revoke.isPending}
          onConfirm={revoke.mutate}
        />
      ) : (
        <DutyNeeded duty="secure" />
      )}
    </>
  );
}

function Known({ group, others }: { group: CardKeyGroup; others: readonly string[] }) {
  const { t } = useTranslation("cardKeys");
  const { doorGroup, cards, buildings, publicKeys, pins } = group;
  if (cards === 0) return <p>{t("wizard.noCards", { group: doorGroup })}</p>;
  return (
    <>
      <p>
        {t("wizard.cardsKnown", { group: doorGroup, count: cards })}{" "}
        <Link to={`/credentials/keys/door-groups/${doorGroup}`}>{t("wizard.listCards")}</Link>
      </p>
      <dl className="facts">
        {buildings.map(({ buildingId, buildingName, cards: count }) => (
          <Fragment key={buildingId ?? "none"}>
            <dt>{buildingName ?? t("noBuilding")}</dt>
            <dd>{t("cardCount", { count })}</dd>
          </Fragment>
        ))}
      </dl>
      {others.length === 0 ? null : <p>{t("wizard.otherGates", { names: others.join(", ") })}</p>}
      {pins === 0 ? null : <p>{t("wizard.pins", { count: pins })}</p>}
      <p>
        <StateMark tone="granted">{t("wizard.notAffected")}</StateMark>{" "}
        {t("wizard.publicKeys", { count: publicKeys })}
      </p>
    </>
  );
}

function NewKeys({ gate, cards }: { gate: Gate; cards: number }) {
  const { t } = useTranslation("cardKeys");
  const mayWrite = useMay("credentials.write");
  const report = useCardKeyReport(true);
  const { doorGroup } = gate;
  const start = useChange(
    (reason: ChangeReason) => call(cardKeyEndpoints.startForGroup, { params: { doorGroup }, reason }),
    { doneText: t("two.doneNow.start") },
  );
  // Found again after the page was left: a second stolen gate of the group still gets a version of its own.
  const begun = report.data?.versions.find((live) => live.doorGroup === doorGroup && live.cards > 0);
  return (
    <>
      {begun === undefined ? (
        <p>{t("wizard.newKeysHelp")}</p>
      ) : (
        <p>
          <StateMark tone="granted">{t("wizard.begun", { version: begun.version })}</StateMark>{" "}
          {t("wizard.begunHelp", { waiting: report.data?.waiting ?? 0 })}{" "}
          <Link to="/credentials/keys">{t("wizard.openKeys")}</Link>
        </p>
      )}
      {mayWrite ? (
        <ReasonButton
          label={t(begun === undefined ? "wizard.begin" : "wizard.again", { count: cards })}
          isPrimary={begun === undefined}
          isPending={start.isPending}
          onConfirm={start.mutate}
        />
      ) : (
        <p className="quiet">{t("mayNot")}</p>
      )}
    </>
  );
}
