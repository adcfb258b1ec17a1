import { fromHex, toHex } from "@menshen/crypto";
import {
  asksForNoLess,
  type CustodianSet,
  endorseWitnessPolicy,
  type LogTrust,
  parseWitnessPolicy,
  type WitnessPolicy,
} from "@menshen/custody";
import { custodianEndpoints } from "@menshen/wire";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { problemText } from "../../components/problem-text.ts";
import { useBodyName } from "../openings/opening-state.tsx";
import { useContents, useDesk } from "./desk-context.tsx";
import { STANDING_KEY, type Standing } from "./use-standing.ts";

/** Another policy of log and witnesses that waits for this custodian's word, beside what the program believes now. */
export function WaitingPolicy(props: { set: CustodianSet; index: number; standing: Standing }) {
  const { t } = useTranslation("custodian");
  const { t: shared } = useTranslation();
  const desk = useDesk();
  const { log } = useContents();
  const client = useQueryClient();
  const { message } = App.useApp();
  const sign = useMutation({
    mutationFn: (policy: WitnessPolicy) => {
      const { signature } = endorseWitnessPolicy({
        set: props.set,
        policy,
        secretKey: desk.contents().identitySeed,
      });
      return desk.call(custodianEndpoints.endorsePolicy, {
        body: { version: policy.version, signature: toHex(signature) },
      });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: STANDING_KEY }),
    onError: (error) => void message.error(problemText(shared, error), 6),
  });
  const waiting = props.standing.shown?.waitingPolicy;
  if (waiting === undefined) return null;
  const policy = parseWitnessPolicy(fromHex(waiting.encoded));
  const hasSigned = waiting.endorsements.some(({ index }) => index === props.index);
  return (
    <section className="section" aria-labelledby="waiting-policy">
      <h2 id="waiting-policy">{t("policy.title")}</h2>
      <p>{t("policy.help", { threshold: props.set.threshold })}</p>
      {policy.logKey === log.logKey ? (
        <p>{t("policy.logKept")}</p>
      ) : (
        <p className="desk-warning">
          {t("policy.logChanged")}
          <br />
          <code>{policy.logKey}</code>
        </p>
      )}
      <p className={policy.quorum === 0 ? "desk-warning" : undefined}>
        {t("policy.quorum", { before: log.quorum, after: policy.quorum })}{" "}
        {policy.quorum === 0 ? t("policy.none") : null}
      </p>
      <Changes before={log} after={policy} />
      {asksForNoLess(keysOf(log), keysOf(policy)) ? <p className="quiet">{t("policy.gatesFollow")}</p> : null}
      {hasSigned ? (
        <p role="status">{t("policy.signed")}</p>
      ) : (
        <Button type="primary" loading={sign.isPending} onClick={() => sign.mutate(policy)}>
          {t("policy.sign")}
        </Button>
      )}
    </section>
  );
}

function Changes(props: { before: LogTrust; after: LogTrust }) {
  const { t } = useTranslation("custodian");
  const bodyName = useBodyName();
  const { before, after } = props;
  const has = ({ witnesses }: LogTrust, key: string) => witnesses.some((one) => one.key === key);
  const lines = [
    ...after.witnesses.map((one) => ({ ...one, change: has(before, one.key) ? "kept" : "added" }) as const),
    ...before.witnesses
      .filter(({ key }) => !has(after, key))
      .map((one) => ({ ...one, change: "removed" }) as const),
  ];
  return (
    <ul className="plain-list pinned-keys">
      {lines.map(({ body, key, change }) => (
        <li key={key}>
          <span>
            <strong>{t(`policy.${change}`)}</strong> · {bodyName(body)}
            <br />
            <code>{key}</code>
          </span>
        </li>
      ))}
    </ul>
  );
}

function keysOf({ logKey, witnesses, quorum }: LogTrust) {
  return { logKey, witnesses: witnesses.map(({ key }) => key), quorum };
}
