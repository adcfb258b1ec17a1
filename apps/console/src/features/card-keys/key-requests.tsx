import "./texts/index.ts";
import "../openings/openings.css";
import "../lockdown/lockdown.css";
import { StateMark, type StateTone } from "@menshen/ui";
import { type ChangeReason, type KeyRequest, keyRequestEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { ExactMoment, RelativeMoment } from "../../components/moments.tsx";
import { Failed } from "../../components/page-states.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";

/** The other person agrees somewhere else. */
const REFRESH_MS = 10_000;
/** What is over is told for so many requests; the rest is in the record of changes. */
const OVER_SHOWN = 5;

const TONES: Record<Exclude<KeyRequest["state"], "waiting">, StateTone> = {
  done: "granted",
  withdrawn: "quiet",
  expired: "refused",
};

export function useKeyRequests() {
  return useQuery({
    queryKey: [keyRequestEndpoints.list.id],
    refetchInterval: REFRESH_MS,
    queryFn: ({ signal }) => call(keyRequestEndpoints.list, { signal }),
  });
}

/** Work on keys that awaits a second person, and what became of the latest. Nothing where nobody ever asked. */
export function KeyRequests() {
  const { t } = useTranslation("cardKeys");
  const read = useKeyRequests();
  if (read.isPending) return null;
  if (read.isError) return <Failed error={read.error} onRetry={() => void read.refetch()} />;
  const waiting = read.data.items.filter(({ state }) => state === "waiting");
  const over = read.data.items.filter(({ state }) => state !== "waiting").slice(0, OVER_SHOWN);
  if (waiting.length + over.length === 0) return null;
  return (
    <section className="section" aria-labelledby="key-requests">
      <h2 id="key-requests">{t("two.title")}</h2>
      {waiting.length === 0 ? <p className="quiet">{t("two.none")}</p> : null}
      {waiting.map((request) => (
        <Waiting key={request.id} request={request} />
      ))}
      {over.length === 0 ? null : (
        <ul className="plain-list">
          {over.map((request) => (
            <Over key={request.id} request={request} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Waiting({ request }: { request: KeyRequest }) {
  const { t } = useTranslation("cardKeys");
  const { t: common } = useTranslation();
  const mayWrite = useMay("credentials.write");
  const params = { id: request.id };
  const agree = useChange((reason: ChangeReason) => call(keyRequestEndpoints.agree, { params, reason }), {
    doneText: t(`two.doneNow.${request.act}`),
    refusedText: (error) =>
      error instanceof ApiError && error.code === "conflict" ? t("two.notAnyMore") : undefined,
  });
  const withdraw = useChange(() => call(keyRequestEndpoints.withdraw, { params }), {
    doneText: t(request.own ? "two.withdrawn" : "two.declined"),
  });
  const { reason, version = "" } = request;
  return (
    <div className="mass-unlock__item" data-request={request.id}>
      <p>
        <StateMark tone="refused">{t("two.waits")}</StateMark>{" "}
        <strong>{t(`two.act.${request.act}`, { version })}</strong>
        <br />
        {request.own ? t("two.mine") : t("two.asks", { name: request.requestedBy })} ·{" "}
        {common(`changeReason.${reason.code}`)}
        {reason.text === undefined ? "" : ` (${reason.text})`} ·{" "}
        <RelativeMoment epochMs={request.requestedAt} />
        <br />
        <span className="quiet">
          {t("two.until")} <ExactMoment epochMs={request.expiresAt} />
        </span>
      </p>
      {!mayWrite ? null : (
        <span className="actions">
          {request.own ? null : (
            <ReasonButton
              label={t(`two.agree.${request.act}`)}
              isPending={agree.isPending}
              isPrimary
              onConfirm={agree.mutate}
            />
          )}
          <Button loading={withdraw.isPending} onClick={() => withdraw.mutate(undefined)}>
            {t(request.own ? "two.withdraw" : "two.decline")}
          </Button>
        </span>
      )}
    </div>
  );
}

function Over({ request }: { request: KeyRequest }) {
  const { t } = useTranslation("cardKeys");
  const { state, act, decidedAt, decidedBy, requestedBy, version } = request;
  if (state === "waiting") return null;
  return (
    <li>
      <StateMark tone={TONES[state]}>{t(`two.state.${state}`)}</StateMark>{" "}
      {t(`two.act.${act}`, { version: version ?? "" })} ·{" "}
      {decidedBy === undefined
        ? requestedBy
        : t(`two.by.${state === "done" ? "done" : "withdrawn"}`, {
            asked: requestedBy,
            decided: decidedBy,
          })}{" "}
      · <RelativeMoment epochMs={decidedAt ?? request.expiresAt} />
    </li>
  );
}
