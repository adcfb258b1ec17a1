import { StateMark } from "@menshen/ui";
import { evidenceEndpoints, type LogState } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { ExactMoment, RelativeMoment } from "../../components/moments.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { CheckRecord } from "./check-record.tsx";

const REFRESH_MS = 15_000;

/** The evidence log for its auditor: how far it is, who witnesses it, and whether the record agrees with it. */
export function LogStatePage() {
  const { t: log } = useTranslation("evidence");
  const state = useQuery({
    queryKey: [evidenceEndpoints.state.id],
    queryFn: ({ signal }) => call(evidenceEndpoints.state, { signal }),
    refetchInterval: REFRESH_MS,
  });
  if (state.isPending) return <Loading />;
  if (state.isError) return <Failed error={state.error} onRetry={() => void state.refetch()} />;
  return (
    <>
      <p className="lead">{log("lead")}</p>
      {state.data.alarm === undefined ? null : (
        <Alert
          type={state.data.alarm === "witnesses-silent" ? "warning" : "error"}
          showIcon
          role="alert"
          title={log(`alarm.${state.data.alarm}`)}
        />
      )}
      <Facts state={state.data} />
      <CheckRecord />
      <Witnesses state={state.data} />
    </>
  );
}

function Facts(props: { state: LogState }) {
  const { t: log } = useTranslation("evidence");
  const { signedSize, publishedSize, publishedAt, waiting } = props.state;
  const notShown = signedSize - publishedSize;
  return (
    <dl className="facts">
      <dt>{log("size")}</dt>
      <dd>{publishedSize.toLocaleString()}</dd>
      <dt>{log("checkpoint")}</dt>
      <dd>{publishedAt === undefined ? log("none") : <ExactMoment epochMs={publishedAt} />}</dd>
      <dt>{log("onTheWay")}</dt>
      <dd>{(waiting + notShown).toLocaleString()}</dd>
    </dl>
  );
}

function Witnesses(props: { state: LogState }) {
  const { t: log } = useTranslation("evidence");
  const { witnesses, quorum } = props.state;
  return (
    <section className="section" aria-labelledby="witnesses">
      <h2 id="witnesses">{log("witnesses")}</h2>
      <p className="quiet">{witnesses.length === 0 ? log("noWitness") : log("quorum", { count: quorum })}</p>
      <ul className="plain-list">
        {witnesses.map((witness) => (
          <li key={witness.name}>
            <span>
              <strong>{log(`body.${witness.body}`)}</strong>
              <br />
              <span className="quiet">{witness.name}</span>
            </span>
            {witness.trouble === undefined && witness.cosignedAt !== undefined ? (
              <StateMark tone="granted">
                {log("cosigned")} <RelativeMoment epochMs={witness.cosignedAt} />
              </StateMark>
            ) : (
              <StateMark tone={isGrave(witness.trouble) ? "alarm" : "refused"}>
                {witness.trouble === undefined ? log("neverCosigned") : log(`trouble.${witness.trouble}`)}
              </StateMark>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Silence passes; a witness that saw something else does not. */
function isGrave(trouble: LogState["witnesses"][number]["trouble"]): boolean {
  return trouble === "log-behind-witness" || trouble === "log-forked";
}
