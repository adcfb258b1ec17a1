import { StateMark } from "@menshen/ui";
import { type Incident, incidentEndpoints } from "@menshen/wire";
import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";

/** The end of an incident: what everybody may read of it. */
export function Publishing(props: { incident: Incident; isComplete: boolean }) {
  const { t: text } = useTranslation("incidents");
  const mayHandle = useMay("incidents.handle");
  const { incident, isComplete } = props;
  const { id, clocks, telling, publishedAt } = incident;
  const names: Readonly<Record<string, string>> = {
    "body/cause": text("words.cause"),
    "body/remedies": text("words.remedies"),
  };
  const refusedText = (error: unknown) => {
    if (!(error instanceof ApiError)) return undefined;
    if (error.code === "conflict") return text("refused.order");
    if (error.code !== "invalid-request") return undefined;
    const fields = error.problem?.fields?.flatMap(({ path }) => names[path] ?? []) ?? [];
    return fields.length === 0
      ? undefined
      : text("refused.personal", { fields: [...new Set(fields)].join(" · ") });
  };
  const publish = useChange(() => call(incidentEndpoints.publish, { params: { id } }), { refusedText });
  const waits = [
    ...(isComplete ? [] : [text("publish.waitsWords")]),
    ...(clocks.every(({ reportedAt, alarm }) => reportedAt !== undefined || alarm === "missed")
      ? []
      : [text("publish.waitsReport")]),
    ...(telling === "undecided" ? [text("publish.waitsTelling")] : []),
  ];
  const refused = publish.error === null ? undefined : refusedText(publish.error);
  return (
    <section className="section" aria-labelledby="publishing">
      <h2 id="publishing">{text("publish.title")}</h2>
      <p className="quiet">{text("publish.help")}</p>
      {publishedAt === undefined ? (
        <>
          {waits.length === 0 ? null : (
            <ul>
              {waits.map((why) => (
                <li key={why}>{why}</li>
              ))}
            </ul>
          )}
          {refused === undefined ? null : <Alert type="warning" showIcon title={refused} />}
          {mayHandle ? (
            <Button
              type="primary"
              disabled={waits.length > 0}
              loading={publish.isPending}
              onClick={() => publish.mutate(undefined)}
            >
              {text("publish.now")}
            </Button>
          ) : null}
        </>
      ) : (
        <p>
          <StateMark tone="granted">{text("publish.done")}</StateMark>{" "}
          <a href="/public/incidents#incidents">{text("publish.page")}</a>
        </p>
      )}
    </section>
  );
}
