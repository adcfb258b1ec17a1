import { equalBytes, fromHex, toHex } from "@menshen/crypto";
import { type CustodianSet, endorse, identityKeyOf, parseCustodianSet } from "@menshen/custody";
import { custodianEndpoints } from "@menshen/wire";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { problemText } from "../../components/problem-text.ts";
import { useBodyName } from "../openings/opening-state.tsx";
import { useContents, useDesk } from "./desk-context.tsx";
import { IdentityCode } from "./identity-code.tsx";
import { STANDING_KEY, type Standing } from "./use-standing.ts";

/** The first custodians that the server shows: believed when a person has compared them, and not before. */
export function FirstSet(props: { set: CustodianSet }) {
  const { t } = useTranslation("custodian");
  const desk = useDesk();
  const client = useQueryClient();
  const { set } = props;
  const confirm = useMutation({
    mutationFn: () => desk.change((contents) => ({ ...contents, custodians: set })),
    onSuccess: () => client.invalidateQueries({ queryKey: STANDING_KEY }),
  });
  return (
    <section className="section" aria-labelledby="first-set">
      <h2 id="first-set">{t("firstSet.title")}</h2>
      <p>{t("firstSet.help", { threshold: set.threshold })}</p>
      <Members set={set} before={undefined} />
      <Button type="primary" loading={confirm.isPending} onClick={() => confirm.mutate()}>
        {t("firstSet.confirm")}
      </Button>
    </section>
  );
}

/** A set that waits to take the place of the present one. */
export function WaitingSet(props: { set: CustodianSet; index: number; standing: Standing }) {
  const { t } = useTranslation("custodian");
  const { t: shared } = useTranslation();
  const desk = useDesk();
  const client = useQueryClient();
  const { message } = App.useApp();
  const sign = useMutation({
    mutationFn: (next: CustodianSet) => {
      const { signature } = endorse({
        previous: props.set,
        next,
        secretKey: desk.contents().identitySeed,
      });
      return desk.call(custodianEndpoints.endorse, {
        body: { version: next.version, signature: toHex(signature) },
      });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: STANDING_KEY }),
    onError: (error) => void message.error(problemText(shared, error), 6),
  });
  const waiting = props.standing.shown?.waiting;
  if (waiting === undefined) return null;
  const next = parseCustodianSet(fromHex(waiting.encoded));
  const hasSigned = waiting.endorsements.some(({ index }) => index === props.index);
  return (
    <section className="section" aria-labelledby="waiting-set">
      <h2 id="waiting-set">{t("waiting.title")}</h2>
      <p>{t("waiting.help", { threshold: props.set.threshold })}</p>
      <Members set={next} before={props.set} />
      {hasSigned ? (
        <p role="status">{t("waiting.endorsed")}</p>
      ) : (
        <Button type="primary" loading={sign.isPending} onClick={() => sign.mutate(next)}>
          {t("waiting.endorse")}
        </Button>
      )}
    </section>
  );
}

function Members(props: { set: CustodianSet; before: CustodianSet | undefined }) {
  const { t } = useTranslation("custodian");
  const bodyName = useBodyName();
  const own = identityKeyOf(useContents());
  const { set, before } = props;
  const isNew = (key: Uint8Array) =>
    before !== undefined && !before.members.some(({ identityKey }) => equalBytes(identityKey, key));
  return (
    <ul className="plain-list">
      {set.members.map(({ body, identityKey }) => (
        <li key={body}>
          <span>
            <strong>{bodyName(body)}</strong>{" "}
            {equalBytes(identityKey, own) ? <span className="quiet">{t("firstSet.you")}</span> : null}{" "}
            {isNew(identityKey) ? <strong>{t("waiting.newBody")}</strong> : null}
          </span>
          <IdentityCode identityKey={identityKey} />
        </li>
      ))}
    </ul>
  );
}
