import "./texts/index.ts";
import "./lockdown.css";
import { StateMark } from "@menshen/ui";
import { type ChangeReason, type Lockdown, lockdownEndpoints } from "@menshen/wire";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { QuickReason } from "../guard/quick-reason.tsx";
import { EndsByItself } from "./ends-by-itself.tsx";
import { useActiveLockdowns } from "./use-lockdowns.ts";

/** Every lockdown and drill that goes on, across the page: what it means, until when, and the way to end it early. */
export function ActiveLockdowns() {
  const lockdowns = useActiveLockdowns();
  return lockdowns.map((lockdown) => <ActiveLockdown key={lockdown.id} lockdown={lockdown} />);
}

function ActiveLockdown({ lockdown }: { lockdown: Lockdown }) {
  const { t } = useTranslation("lockdown");
  const total = lockdown.portalIds.length;
  return (
    <section
      className={`lockdown-banner${lockdown.drill ? " lockdown-banner--drill" : ""}`}
      aria-label={lockdown.name}
    >
      <p className="lockdown-banner__head">
        <LockdownMark drill={lockdown.drill} />
        <strong>{lockdown.name}</strong>
        <EndsByItself until={lockdown.until} />
      </p>
      <p>{t(`level.${levelKey(lockdown.level)}`)}</p>
      <p className="lockdown-banner__facts">
        <span>{t("startedBy", { name: lockdown.startedBy })}</span>
        <span>
          {lockdown.drill ? t("drillHelp") : t("adopted", { adopted: lockdown.adoptedCount, total })}
        </span>
      </p>
      {lockdown.instruction === undefined ? null : (
        <p className="lockdown-banner__instruction">{lockdown.instruction}</p>
      )}
      <EndIt lockdown={lockdown} />
    </section>
  );
}

/** Whether it is real or a drill, never by colour alone. */
export function LockdownMark({ drill }: { drill: boolean }) {
  const { t } = useTranslation("lockdown");
  return <StateMark tone={drill ? "refused" : "alarm"}>{drill ? t("activeDrill") : t("active")}</StateMark>;
}

/** The three levels that a lockdown may have. */
export function levelKey(level: number): "1" | "2" | "3" {
  return level === 1 ? "1" : level === 2 ? "2" : "3";
}

function EndIt({ lockdown }: { lockdown: Lockdown }) {
  const { t } = useTranslation("lockdown");
  const may = useMay("modes.write");
  const [isAsking, setIsAsking] = useState(false);
  const { drill, endRequest } = lockdown;
  const params = { id: lockdown.id };
  const end = useChange((reason: ChangeReason) => call(lockdownEndpoints.end, { params, reason }), {
    onDone: () => setIsAsking(false),
    doneText: t(drill || endRequest !== undefined ? "endedNow" : "endAsked"),
  });
  const keep = useChange(() => call(lockdownEndpoints.keep, { params }), { doneText: t("kept") });
  if (!may) return null;
  const isOwn = endRequest?.own === true;
  const label = drill ? t("endDrill") : endRequest === undefined ? t("askEnd") : t("agree");
  return (
    <div className="lockdown-banner__end">
      {endRequest === undefined ? null : (
        <p>{isOwn ? t("endAskedByMe") : t("endAskedByOther", { name: endRequest.by })}</p>
      )}
      {isAsking ? (
        <QuickReason
          question={t("whyEnd")}
          confirm={label}
          isPending={end.isPending}
          onConfirm={end.mutate}
          onCancel={() => setIsAsking(false)}
        />
      ) : (
        <span className="actions">
          {isOwn ? null : (
            <Button size="large" onClick={() => setIsAsking(true)}>
              {label}
            </Button>
          )}
          {endRequest === undefined ? null : (
            <Button size="large" loading={keep.isPending} onClick={() => keep.mutate(undefined)}>
              {isOwn ? t("withdraw") : t("disagree")}
            </Button>
          )}
        </span>
      )}
    </div>
  );
}
