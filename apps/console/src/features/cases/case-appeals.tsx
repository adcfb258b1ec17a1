import { StateMark } from "@menshen/ui";
import { type CaseAppeal, type CaseDetail, caseEndpoints } from "@menshen/wire";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { ExactMoment } from "../../components/moments.tsx";
import { Reasoned } from "./reasoned.tsx";
import { useCaseChange } from "./use-case-change.ts";

/** What holders say against steps, and what was answered. */
export function CaseAppeals(props: { found: CaseDetail; mayHandle: boolean }) {
  const { t: text } = useTranslation("cases");
  const change = useCaseChange();
  const { found, mayHandle } = props;
  if (found.appeals.length === 0 && (!mayHandle || found.closedAt !== undefined)) return null;
  return (
    <section className="section" aria-labelledby="appeals">
      <h2 id="appeals">{text("appeal")}</h2>
      <ul className="plain-list">
        {found.appeals.map((appeal) => (
          <Appeal key={appeal.id} caseId={found.id} appeal={appeal} mayHandle={mayHandle} />
        ))}
      </ul>
      {mayHandle && found.closedAt === undefined ? (
        <details>
          <summary>{text("enterAppeal")}</summary>
          <Reasoned
            label={text("words")}
            shortest={1}
            isPending={change.isPending}
            actions={[
              {
                name: text("save"),
                run: (words) =>
                  change.mutate(() =>
                    call(caseEndpoints.enterAppeal, { params: { id: found.id }, body: { words } }),
                  ),
              },
            ]}
          />
        </details>
      ) : null}
    </section>
  );
}

function Appeal(props: { caseId: string; appeal: CaseAppeal; mayHandle: boolean }) {
  const { t: text } = useTranslation("cases");
  const change = useCaseChange();
  const { appeal, caseId } = props;
  const answer = (outcome: "upheld" | "refused") => (reason: string) =>
    change.mutate(() =>
      call(caseEndpoints.answerAppeal, {
        params: { id: caseId, appealId: appeal.id },
        body: { outcome, reason },
      }),
    );
  return (
    <li>
      <span className="case-words">
        {appeal.words}
        <br />
        <span className="quiet">
          <ExactMoment epochMs={appeal.at} />
          {appeal.reason === undefined ? null : ` · ${appeal.reason}`}
        </span>
        {appeal.outcome === undefined ? null : (
          <>
            <br />
            <StateMark tone="quiet">{text(appeal.outcome === "upheld" ? "upheld" : "keep")}</StateMark>
          </>
        )}
        {appeal.answeredAt === undefined && props.mayHandle ? (
          <Reasoned
            label={text("reason")}
            isPending={change.isPending}
            actions={[
              { name: text("upheld"), isMain: true, run: answer("upheld") },
              { name: text("keep"), run: answer("refused") },
            ]}
          />
        ) : null}
      </span>
    </li>
  );
}
