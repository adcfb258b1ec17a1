import { fromHex } from "@menshen/crypto";
import { parseEpochKey } from "@menshen/custody";
import { areaText } from "@menshen/domain";
import { VoteThresholds } from "@menshen/ui";
import { type ChangeReason, type Motion, motionEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { usePreferences } from "../../preferences.tsx";
import { MotionState } from "./motion-state.tsx";
import { PaperBallots } from "./paper-ballots.tsx";

/** One motion, what may be done about it now, and how it ended. */
export function MotionPage() {
  const { t: text } = useTranslation("votes");
  const { language } = usePreferences();
  const { id = "" } = useParams();
  const mayPut = useMay("motions.write");
  const mayEnter = useMay("motions.papers");
  const maySeePeople = useMay("homes.read");
  const read = useQuery({
    queryKey: [motionEndpoints.get.id, id],
    queryFn: ({ signal }) => call(motionEndpoints.get, { params: { id }, signal }),
  });
  const publish = useChange((reason: ChangeReason) =>
    call(motionEndpoints.publish, { params: { id }, reason }),
  );
  const withdraw = useChange((reason: ChangeReason) =>
    call(motionEndpoints.withdraw, { params: { id }, reason }),
  );
  const count = useChange(() => call(motionEndpoints.count, { params: { id } }));
  if (read.isPending) return <Loading />;
  if (read.isError) return <Failed error={read.error} onRetry={() => void read.refetch()} />;
  const { motion, heads } = read.data;
  const { stage, result, roll, secret, usedFor } = motion;
  const lacksKey = secret !== undefined && secret.key === undefined;
  const isFixed = secret?.tallySha512 !== undefined;
  return (
    <>
      <p>
        <Link to="/votes">{text("back")}</Link>
      </p>
      <PageHead
        title={motion.title}
        lead={text(`matter.${motion.matter}`)}
        action={<MotionState motion={motion} />}
      />
      <p className="motion__words">{motion.text}</p>
      <p className="quiet">
        <ExactMoment epochMs={motion.opensAt} /> – <ExactMoment epochMs={motion.closesAt} />
      </p>
      {roll === undefined ? null : (
        <p role="status">
          {text("voted", { voted: motion.votedHeads, heads: roll.heads, area: areaText(roll.areaDm2) })}
          {motion.papersWaiting === 0 ? null : (
            <>
              <br />
              {text("waiting", { count: motion.papersWaiting })}
            </>
          )}
        </p>
      )}
      <SecretState motion={motion} />
      {result === undefined ? null : (
        <>
          <VoteThresholds
            vote={result.vote}
            majority={motion.majority}
            language={language}
            isUnopened={result.unopened === true}
          />
          <p className="quiet">{text("advisory", { ...result.advisory })}</p>
        </>
      )}
      {usedFor === undefined ? null : <p>{text("usedFor", { what: usedFor })}</p>}
      {mayPut && stage === "draft" && !lacksKey ? (
        <>
          <p className="quiet">{text("publishHelp")}</p>
          <ReasonButton
            label={text("publish")}
            isPrimary
            isPending={publish.isPending}
            onConfirm={(reason) => publish.mutate(reason)}
          />
        </>
      ) : null}
      {mayPut && (stage === "draft" || stage === "announced") ? (
        <ReasonButton
          label={text("withdraw")}
          isPending={withdraw.isPending}
          onConfirm={(reason) => withdraw.mutate(reason)}
        />
      ) : null}
      {mayPut && stage === "closed" && !isFixed ? (
        <>
          <p className="quiet">{text(secret === undefined ? "countHelp" : "secret.countHelp")}</p>
          <Button type="primary" loading={count.isPending} onClick={() => count.mutate(undefined)}>
            {text("count")}
          </Button>
        </>
      ) : null}
      {mayEnter && (stage === "open" || (stage === "closed" && !isFixed)) ? (
        <PaperBallots motion={motion} heads={heads} />
      ) : null}
      {mayEnter && maySeePeople && (stage === "announced" || stage === "open") ? (
        <p>
          <Link to={`/votes/${id}/proxies`}>{text("proxies.open")}</Link>
        </p>
      ) : null}
    </>
  );
}

/** How far a secret vote is, and what it waits for. */
function SecretState(props: { motion: Motion }) {
  const { t: text } = useTranslation("votes");
  const { secret, result, stage } = props.motion;
  if (secret === undefined) return null;
  const { key, shares, tallySha512 } = secret;
  const said =
    result !== undefined
      ? result.unopened === true
        ? text("secret.unopened")
        : undefined
      : tallySha512 !== undefined && key !== undefined
        ? text("secret.fixed", { shares, needed: parseEpochKey(fromHex(key)).threshold.k })
        : stage === "draft"
          ? text(key === undefined ? "secret.noKey" : "secret.hasKey")
          : undefined;
  return (
    <p>
      <strong>{text("secret.label")}</strong>
      {said === undefined ? null : (
        <>
          <br />
          <span role="status">{said}</span>
        </>
      )}
    </p>
  );
}
