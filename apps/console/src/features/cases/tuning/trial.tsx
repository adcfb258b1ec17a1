import { CASE_STEPS, type DetectionNumbers, type DetectionTrial, detectionEndpoints } from "@menshen/wire";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Progress } from "antd";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../../../api/client.ts";
import { useChange } from "../../../api/records.tsx";
import { ExactMoment } from "../../../components/moments.tsx";
import { cardText, ruleText } from "../case-words.ts";

const LOOK_AGAIN_MS = 700;
const KEY = [detectionEndpoints.trial.id];

/** What these numbers would have raised on past events, beside those in force. */
export function Trial(props: { tuned: DetectionNumbers }) {
  const { t: text } = useTranslation("tuning");
  const client = useQueryClient();
  const { tuned } = props;
  const trial = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) =>
      call(detectionEndpoints.trial, { signal }).catch((error: unknown) => {
        if (error instanceof ApiError && error.code === "not-found") return null;
        throw error;
      }),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? LOOK_AGAIN_MS : false),
  });
  const begin = useChange(() => call(detectionEndpoints.attempt, { body: { tuned } }), {
    isUnderWay: true,
    onDone: (begun) => client.setQueryData(KEY, begun),
  });
  const stop = useChange(() => call(detectionEndpoints.stopTrial, {}), {
    onDone: (stopped) => client.setQueryData(KEY, stopped),
  });
  const found = trial.data;
  return (
    <section className="section" aria-labelledby="try">
      <h2 id="try">{text("try")}</h2>
      <p className="quiet">{text("tryHelp")}</p>
      <Button loading={begin.isPending || found?.state === "running"} onClick={() => begin.mutate(undefined)}>
        {text("try")}
      </Button>
      <div aria-live="polite">
        {found?.state === "running" ? (
          <p className="tuning-progress">
            {text("trying")}
            <Progress percent={Math.round(found.progress * 100)} aria-label={text("trying")} />
            <Button loading={stop.isPending} onClick={() => stop.mutate(undefined)}>
              {text("tryStop")}
            </Button>
          </p>
        ) : null}
        {found?.state === "stopped" ? <p>{text("tryStopped")}</p> : null}
        {found?.state === "failed" ? <p>{text("tryFailed")}</p> : null}
        {found?.state === "over" ? (
          <Outcome trial={found} isStale={JSON.stringify(found.tuned) !== JSON.stringify(tuned)} />
        ) : null}
      </div>
    </section>
  );
}

function Outcome(props: { trial: DetectionTrial; isStale: boolean }) {
  const { t: text } = useTranslation("tuning");
  const { t: cases } = useTranslation("cases");
  const { events = 0, fewer = [], more = [], present = {}, tried = {} } = props.trial;
  const steps = CASE_STEPS.filter((step) => (present[step] ?? 0) + (tried[step] ?? 0) > 0);
  return (
    <>
      {props.isStale ? <p className="quiet">{text("tryStale")}</p> : null}
      <p>{text("tryOver", { events })}</p>
      {steps.length === 0 ? null : (
        <table className="tuning-table">
          <thead>
            <tr>
              <th scope="col">{text("step")}</th>
              <th scope="col">{text("present")}</th>
              <th scope="col">{text("tried")}</th>
            </tr>
          </thead>
          <tbody>
            {steps.map((step) => (
              <tr key={step}>
                <th scope="row">{cases(`step.${step}`)}</th>
                <td>{present[step] ?? 0}</td>
                <td>{tried[step] ?? 0}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {more.length + fewer.length === 0 ? <p>{text("same")}</p> : null}
      <Listed title={text("more")} found={more} />
      <Listed title={text("fewer")} found={fewer} />
    </>
  );
}

function Listed(props: { title: string; found: NonNullable<DetectionTrial["more"]> }) {
  const { t: cases } = useTranslation("cases");
  if (props.found.length === 0) return null;
  return (
    <>
      <h3>{props.title}</h3>
      <ul className="plain-list">
        {props.found.map(({ at, kind, rules, step }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: these have no name outside the engine
          <li key={place}>
            <span>
              {cardText(cases, kind)} · <ExactMoment epochMs={at} />
              <br />
              <span className="quiet">{rules.map((rule) => ruleText(cases, rule)).join(" · ")}</span>
            </span>
            <span className="quiet">{cases(`step.${step}`)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
