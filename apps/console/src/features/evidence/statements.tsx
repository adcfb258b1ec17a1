import { EVIDENCE_TOPICS, type EvidenceTopic, evidenceEndpoints, type PublicStatement } from "@menshen/wire";
import { Select, type TableColumnsType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePaged } from "../../api/paged.ts";
import { ExactMoment } from "../../components/moments.tsx";
import { Empty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";

/** Everybody sees these; the rest of the log is commitments only. */
const PRIVATE: ReadonlySet<EvidenceTopic> = new Set(["personal-data-viewed", "administration-recorded"]);
const LONGEST_VALUE = 48;

/** What the log tells everybody: statements in words, with their proofs. */
export function Statements() {
  const { t } = useTranslation();
  const { t: log } = useTranslation("evidence");
  const [topic, setTopic] = useState<EvidenceTopic>();
  const statements = usePaged(evidenceEndpoints.statements, {
    limit: 100,
    ...(topic === undefined ? {} : { topic }),
  });
  const columns: TableColumnsType<PublicStatement> = [
    { key: "at", title: t("events.at"), render: (_, item) => <ExactMoment epochMs={item.at} /> },
    { key: "topic", title: t("changes.what"), render: (_, item) => log(`topic.${item.topic}`) },
    {
      key: "said",
      title: log("said"),
      render: (_, item) => <span className="statement">{textOf(item.statement)}</span>,
    },
    {
      key: "leaf",
      title: t("changes.leaf"),
      align: "right",
      render: (_, item) =>
        item.index === undefined ? (
          t("changes.waiting")
        ) : (
          <a href={`/log/proof/${item.index}`} target="_blank" rel="noreferrer">
            {log("proof", { index: item.index })}
          </a>
        ),
    },
  ];
  return (
    <>
      <p className="lead">{log("statementsLead")}</p>
      <div className="filters">
        <Select<EvidenceTopic>
          aria-label={t("changes.what")}
          placeholder={log("anyTopic")}
          allowClear
          style={{ minWidth: 240 }}
          value={topic ?? null}
          onChange={(value?: EvidenceTopic) => setTopic(value)}
          options={EVIDENCE_TOPICS.filter((value) => !PRIVATE.has(value)).map((value) => ({
            value,
            label: log(`topic.${value}`),
          }))}
        />
      </div>
      <PagedTable
        read={statements}
        label={log("statements")}
        rowKey={(item) => item.leafId}
        columns={columns}
        empty={<Empty title={log("noStatements")} />}
      />
    </>
  );
}

/** Names and values of a statement, long ones shortened: the whole text stands in the proof's page. */
function textOf(statement: string): string {
  const said: unknown = JSON.parse(statement);
  return Object.entries(Object(said))
    .filter(([name]) => name !== "at" && name !== "topic")
    .map(
      ([name, value]) => `${name}: ${shortened(typeof value === "string" ? value : JSON.stringify(value))}`,
    )
    .join(" · ");
}

function shortened(text: string): string {
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}…`;
}
