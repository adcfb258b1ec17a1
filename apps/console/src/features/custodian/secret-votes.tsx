import { ballotShareOf, type CustodianSet, type TallyRefusal, tallyRefusalText } from "@menshen/custody";
import { areaText } from "@menshen/domain";
import type { CustodianMotion } from "@menshen/wire";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { problemText } from "../../components/problem-text.ts";
import { usePreferences } from "../../preferences.tsx";
import { useContents, useDesk } from "./desk-context.tsx";
import { giveShare, readVotes } from "./give-share.ts";
import { useKeyMaking } from "./make-keys.tsx";
import { useDeskMoment } from "./use-desk-moment.ts";

const EVERY_MS = 5_000;

/** Secret votes of the owners: making the key for each, and opening its sums after the end. */
export function SecretVotes(props: { set: CustodianSet; index: number }) {
  const { t } = useTranslation("custodian");
  const desk = useDesk();
  const contents = useContents();
  const read = useQuery({
    queryKey: ["custodian", "motions"],
    queryFn: ({ signal }) => readVotes(desk, signal),
    refetchInterval: EVERY_MS,
  });
  const shown = (read.data ?? []).filter(
    ({ motion, needs }) => needs !== "nothing" || ballotShareOf(contents, motion.id) !== undefined,
  );
  if (shown.length === 0) return null;
  return (
    <section className="section" aria-labelledby="votes">
      <h2 id="votes">{t("votes.title")}</h2>
      <p className="quiet">{t("votes.lead")}</p>
      {shown.map((item) => (
        <SecretVote key={item.motion.id} item={item} {...props} />
      ))}
    </section>
  );
}

function SecretVote(props: { item: CustodianMotion; set: CustodianSet; index: number }) {
  const { t } = useTranslation("custodian");
  const { t: shared } = useTranslation();
  const { message } = App.useApp();
  const { language } = usePreferences();
  const moment = useDeskMoment();
  const desk = useDesk();
  const client = useQueryClient();
  const { making, attend } = useKeyMaking();
  const { item, set, index } = props;
  const { motion, needs } = item;
  const give = useMutation({
    mutationFn: (): Promise<TallyRefusal | undefined> => giveShare(desk, motion.id),
    onSettled: () => client.invalidateQueries({ queryKey: ["custodian", "motions"] }),
    onError: (error) => void message.error(problemText(shared, error), 6),
  });
  const { roll } = motion;
  return (
    <article className="desk-vote" aria-label={motion.title}>
      <h3>{motion.title}</h3>
      <p className="quiet">
        {t("votes.times", { from: moment(motion.opensAt), until: moment(motion.closesAt) })}
      </p>
      {needs === "key" ? (
        <>
          <p>{t("votes.keyHelp")}</p>
          <Button
            type="primary"
            disabled={making.is === "attending"}
            onClick={() => attend(set, index, motion.id)}
          >
            {t("votes.key")}
          </Button>
        </>
      ) : null}
      {needs === "share" ? (
        <>
          <p>
            {t("votes.shareHelp", {
              voted: motion.votedHeads,
              heads: roll?.heads ?? 0,
              area: areaText(roll?.areaDm2 ?? 0),
              threshold: set.threshold,
            })}
          </p>
          <Button type="primary" size="large" loading={give.isPending} onClick={() => give.mutate()}>
            {give.isPending ? t("votes.checking") : t("votes.share")}
          </Button>
        </>
      ) : null}
      {needs === "nothing" ? (
        <p className="quiet">
          {t(motion.secret?.tallySha512 === undefined ? "votes.holding" : "votes.given")}
        </p>
      ) : null}
      <div role="status">
        {give.data === undefined ? null : <p>{tallyRefusalText(give.data, language)}</p>}
      </div>
    </article>
  );
}
