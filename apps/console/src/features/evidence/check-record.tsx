import { StateMark } from "@menshen/ui";
import { evidenceEndpoints, type RecordProblem, retentionEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Progress } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { problemText } from "../../components/problem-text.ts";
import { useMomentText } from "../openings/moment-text.ts";

const MOST_SHOWN = 100;

interface Found {
  readonly leaves: number;
  readonly rows: number;
  readonly forgotten: number;
  readonly deleted: number;
  readonly problems: readonly RecordProblem[];
  readonly problemCount: number;
}

type Check =
  | { readonly state: "idle" }
  | { readonly state: "running"; readonly share: number; readonly found: Found }
  | { readonly state: "done"; readonly found: Found }
  | { readonly state: "failed"; readonly error: unknown };

const NOTHING: Found = { leaves: 0, rows: 0, forgotten: 0, deleted: 0, problems: [], problemCount: 0 };

/** Compares the whole record with the log, step by step, and says in words what came of it. */
export function CheckRecord() {
  const { t } = useTranslation();
  const { t: log } = useTranslation("evidence");
  const [check, setCheck] = useState<Check>({ state: "idle" });
  const stopped = useRef(false);

  const run = async () => {
    stopped.current = false;
    let found = NOTHING;
    let from: number | undefined = 0;
    setCheck({ state: "running", share: 0, found });
    try {
      while (from !== undefined && !stopped.current) {
        const step: Awaited<ReturnType<typeof checkFrom>> = await checkFrom(from);
        found = add(found, step);
        from = step.next;
        const share = step.size === 0 ? 1 : (from ?? step.size) / step.size;
        setCheck({ state: "running", share, found });
      }
      setCheck(stopped.current ? { state: "idle" } : { state: "done", found });
    } catch (error) {
      setCheck({ state: "failed", error });
    }
  };

  return (
    <section className="section" aria-labelledby="check-record">
      <h2 id="check-record">{log("check.title")}</h2>
      <p className="quiet">{log("check.help")}</p>
      <Kept />
      {check.state === "running" ? (
        <>
          <Progress
            percent={Math.floor(check.share * 100)}
            aria-label={log("check.title")}
            className="check-progress"
          />
          <p role="status">{log("check.running", { count: check.found.leaves })}</p>
          <Button
            onClick={() => {
              stopped.current = true;
            }}
          >
            {t("common.cancel")}
          </Button>
        </>
      ) : (
        <Button type="primary" onClick={() => void run()}>
          {log("check.run")}
        </Button>
      )}
      {check.state === "done" ? <Result found={check.found} /> : null}
      {check.state === "failed" ? (
        <Alert type="error" showIcon role="alert" title={problemText(t, check.error)} />
      ) : null}
    </section>
  );
}

/** What is too old to be checked, because it was deleted. */
function Kept() {
  const { t: log } = useTranslation("evidence");
  const moment = useMomentText();
  const retention = useQuery({
    queryKey: [retentionEndpoints.get.id],
    queryFn: ({ signal }) => call(retentionEndpoints.get, { signal }),
  });
  const records = retention.data?.records;
  if (records === undefined) return null;
  const { before, deletedAt } = records;
  return (
    <p className="quiet">{log("check.kept", { before: moment(before), deletedAt: moment(deletedAt) })}</p>
  );
}

async function checkFrom(from: number) {
  return await call(evidenceEndpoints.check, { body: { from } });
}

function add(found: Found, step: Found): Found {
  return {
    leaves: found.leaves + step.leaves,
    rows: found.rows + step.rows,
    forgotten: found.forgotten + step.forgotten,
    deleted: found.deleted + step.deleted,
    problems: [...found.problems, ...step.problems].slice(0, MOST_SHOWN),
    problemCount: found.problemCount + step.problemCount,
  };
}

function Result(props: { found: Found }) {
  const { t: log } = useTranslation("evidence");
  const { leaves, rows, forgotten, deleted, problems, problemCount } = props.found;
  const counts = [
    log("check.counts", { leaves: leaves.toLocaleString(), rows: rows.toLocaleString() }),
    ...(forgotten === 0 ? [] : [log("check.forgotten", { count: forgotten })]),
    ...(deleted === 0 ? [] : [log("check.deleted", { count: deleted })]),
  ].join(" ");
  if (leaves === 0 && problemCount === 0) return <p role="status">{log("check.nothing")}</p>;
  if (problemCount === 0) {
    return (
      <div role="status" className="check-result">
        <StateMark tone="granted">{log("check.whole")}</StateMark>
        <p className="quiet">{counts}</p>
      </div>
    );
  }
  return (
    <Alert
      className="check-result"
      type="error"
      showIcon
      role="alert"
      title={log("check.broken", { count: problemCount })}
      description={
        <>
          <p>{log("check.brokenHelp")}</p>
          <ul className="plain-list">
            {problems.map((problem) => (
              <li key={`${problem.kind}/${problem.index ?? ""}/${problem.table ?? ""}/${problem.row ?? ""}`}>
                <span>
                  {log(`check.problem.${problem.kind}`, {
                    index: problem.index ?? "",
                    table: problem.table === undefined ? "" : log(`check.table.${problem.table}`),
                    row: problem.row ?? "",
                  })}
                </span>
              </li>
            ))}
          </ul>
          <p className="quiet">{counts}</p>
        </>
      }
    />
  );
}
