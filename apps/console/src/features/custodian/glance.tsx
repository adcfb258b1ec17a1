import { toHex } from "@menshen/crypto";
import { type CustodianSet, epochsAhead } from "@menshen/custody";
import { epochAt, epochDeath, epochEnd, epochStart } from "@menshen/domain";
import { formatRelative, StateMark } from "@menshen/ui";
import type { CustodyStatus } from "@menshen/wire";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNow } from "../../components/moments.tsx";
import { useBodyName } from "../openings/opening-state.tsx";
import { useContents, useDeskMoments } from "./desk-context.tsx";
import { useDeskDay } from "./use-desk-moment.ts";

/** A program that asked within this time is there now. */
const THERE_MS = 30_000;
const EPOCHS_SHOWN = 3;
/** Fewer periods ahead than this: somebody should call the others. */
const ENOUGH_EPOCHS = 2;

/** What this custodian holds and until when, and who else is there. */
export function Glance(props: { set: CustodianSet; index: number; status: CustodyStatus | undefined }) {
  const { t } = useTranslation("custodian");
  const bodyName = useBodyName();
  const { set, index, status } = props;
  const body = set.members[index - 1]?.body ?? "";
  return (
    <>
      <section aria-labelledby="glance">
        <h2 id="glance">{t("glance.title")}</h2>
        <p>
          <StateMark tone="granted">{t("glance.appointed", { body: bodyName(body) })}</StateMark>
        </p>
        <KeysLeft />
        <NewSet set={set} status={status} />
        <h3>{t("glance.others")}</h3>
        <Others set={set} index={index} status={status} />
      </section>
      <Epochs />
      <Receipts body={body} status={status} />
    </>
  );
}

/** What is left with a custodian whose office is over. */
export function Remains() {
  return (
    <>
      <Epochs />
      <Receipts body={undefined} status={undefined} />
    </>
  );
}

/** Custodians in office who have no keys yet: whoever is new among them holds nothing. */
function NewSet(props: { set: CustodianSet; status: CustodyStatus | undefined }) {
  const { t } = useTranslation("custodian");
  const { set, status } = props;
  const isFirst = set.version === 1;
  if (isFirst || status === undefined) return null;
  if (status.epochs.some(({ setVersion }) => setVersion === set.version)) return null;
  return (
    <p>
      <StateMark tone="refused">{t("glance.newSet")}</StateMark>
      <br />
      {t("glance.newSetHelp")}
    </p>
  );
}

function KeysLeft() {
  const { t } = useTranslation("custodian");
  const contents = useContents();
  const day = useDeskDay();
  const now = useNow(60_000);
  const ahead = epochsAhead(contents, now);
  if (ahead === 0) {
    return (
      <p>
        <StateMark tone="refused">{t("glance.noKeys")}</StateMark>
        <br />
        {t("glance.noKeysHelp")}
      </p>
    );
  }
  const last = Math.max(...contents.shares.map(({ key }) => key.epoch));
  return (
    <p>
      <StateMark tone="granted">
        {t("glance.keysUntil", { day: day(epochEnd(contents.grid, last)) })}
      </StateMark>
      {ahead - 1 < ENOUGH_EPOCHS ? (
        <>
          <br />
          <StateMark tone="refused">{t("glance.keysLow", { count: ahead - 1 })}</StateMark>
        </>
      ) : null}
    </p>
  );
}

function Others(props: { set: CustodianSet; index: number; status: CustodyStatus | undefined }) {
  const { t } = useTranslation("custodian");
  const bodyName = useBodyName();
  const format = useDeskMoments();
  const now = useNow(10_000);
  const seen = new Map(
    props.status?.custodians?.members.map(({ identityKey, lastSeenAt }) => [identityKey, lastSeenAt]),
  );
  return (
    <ul className="plain-list">
      {props.set.members.map(({ body, identityKey }, position) => {
        const lastSeenAt = seen.get(toHex(identityKey));
        return (
          <li key={body}>
            <span>{bodyName(body)}</span>
            {position + 1 === props.index ? (
              <span className="quiet">{t("glance.you")}</span>
            ) : lastSeenAt === undefined ? (
              <span className="quiet">{seen.size === 0 ? "" : t("glance.never")}</span>
            ) : (
              <StateMark tone={now - lastSeenAt < THERE_MS ? "granted" : "quiet"}>
                {t("glance.seen", { time: formatRelative(lastSeenAt, now, format) })}
              </StateMark>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Epochs() {
  const { t } = useTranslation("custodian");
  const { grid, retentionDays, shares } = useContents();
  const day = useDeskDay();
  const now = useNow(60_000);
  const [isOpen, setIsOpen] = useState(false);
  const current = epochAt(grid, now);
  // The key of a secret vote has no epoch; it is shown with its vote.
  const held = shares
    .filter(({ motionId }) => motionId === undefined)
    .toSorted((a, b) => a.key.epoch - b.key.epoch);
  if (held.length === 0) return null;
  const shown = isOpen ? held : held.slice(0, EPOCHS_SHOWN);
  return (
    <section className="section" aria-labelledby="epochs">
      <h2 id="epochs">{t("glance.epochs")}</h2>
      <ul className="plain-list">
        {shown.map(({ ceremony, key: { epoch } }) => (
          <li key={`${ceremony}/${epoch}`}>
            <span>
              <strong>{t("glance.epoch", { epoch })}</strong>{" "}
              {epoch === current ? <span className="quiet">{t("glance.current")}</span> : null}
              <br />
              <span className="quiet">
                {t("glance.range", {
                  from: day(epochStart(grid, epoch)),
                  until: day(epochEnd(grid, epoch) - 1),
                })}
              </span>
            </span>
            <span>{t("glance.dies", { day: day(epochDeath(grid, epoch, retentionDays)) })}</span>
          </li>
        ))}
      </ul>
      {held.length > shown.length ? (
        <Button onClick={() => setIsOpen(true)}>{t("glance.more", { count: held.length })}</Button>
      ) : null}
    </section>
  );
}

function Receipts(props: { body: string | undefined; status: CustodyStatus | undefined }) {
  const { t } = useTranslation("custodian");
  const { receipts } = useContents();
  const day = useDeskDay();
  const received = (props.status?.epochs ?? []).flatMap((view) =>
    view.receipts
      .filter(({ body, destroyedAt }) => body === props.body && destroyedAt !== undefined)
      .map(({ destroyedAt = 0, setVersion }) => ({ epoch: view.epoch, destroyedAt, setVersion })),
  );
  return (
    <section className="section" aria-labelledby="receipts">
      <h2 id="receipts">{t("glance.receipts")}</h2>
      {received.length + receipts.length === 0 ? <p className="quiet">{t("glance.noReceipts")}</p> : null}
      <ul className="plain-list">
        {receipts.map(({ ceremony, epoch }) => (
          <li key={`${ceremony}/${epoch}`}>
            <span>{epoch === 0 ? t("votes.title") : t("glance.epoch", { epoch })}</span>
            <StateMark tone="quiet">{t("glance.owed")}</StateMark>
          </li>
        ))}
        {received.map(({ epoch, destroyedAt, setVersion }) => (
          <li key={`${epoch}/${setVersion}`}>
            <span>{t("glance.epoch", { epoch })}</span>
            <StateMark tone="granted">{t("glance.received", { day: day(destroyedAt) })}</StateMark>
          </li>
        ))}
      </ul>
    </section>
  );
}
