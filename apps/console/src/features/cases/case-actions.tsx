import {
  CASE_FINDINGS,
  CASE_MEASURES,
  type CaseDetail,
  type CaseFinding,
  type CaseMeasureName,
  caseEndpoints,
} from "@menshen/wire";
import { Button, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../../api/client.ts";
import { useSignedIn } from "../../api/session.tsx";
import { CaseHold } from "./case-hold.tsx";
import { ruleText } from "./case-words.ts";
import { Reasoned } from "./reasoned.tsx";
import { useCaseChange } from "./use-case-change.ts";

/** What may be decided about a case now. */
export function CaseActions(props: { found: CaseDetail }) {
  const { found } = props;
  const { t: text } = useTranslation("cases");
  const change = useCaseChange();
  const params = { id: found.id };
  if (found.closedAt !== undefined) {
    return (
      <section className="section case-actions" aria-labelledby="decide">
        <h2 id="decide">{text("decide")}</h2>
        <Reasoned
          label={text("reason")}
          isPending={change.isPending}
          actions={[
            {
              name: text("reopen"),
              run: (reason) => change.mutate(() => call(caseEndpoints.reopen, { params, body: { reason } })),
            },
          ]}
        />
      </section>
    );
  }
  return (
    <section className="section case-actions" aria-labelledby="decide">
      <h2 id="decide">{text("decide")}</h2>
      <Assign found={found} />
      <Measures found={found} />
      <TakeMeasure found={found} />
      <Similar found={found} />
      <CaseHold found={found} />
      <Close found={found} />
    </section>
  );
}

function Assign({ found }: { found: CaseDetail }) {
  const { t: text } = useTranslation("cases");
  const { staffId } = useSignedIn();
  const change = useCaseChange();
  const isMine = found.assignedTo?.staffId === staffId;
  return (
    <span className="actions">
      {found.assignedTo === undefined || isMine
        ? null
        : text("takenBy", { name: found.assignedTo.displayName })}
      <Button
        loading={change.isPending}
        onClick={() =>
          change.mutate(() =>
            call(caseEndpoints.assign, { params: { id: found.id }, body: { take: !isMine } }),
          )
        }
      >
        {text(isMine ? "release" : "assign")}
      </Button>
    </span>
  );
}

function Measures({ found }: { found: CaseDetail }) {
  const { t: text } = useTranslation("cases");
  const change = useCaseChange();
  const inForce = found.decided.filter(({ endedAt }) => endedAt === undefined);
  return (
    <div>
      <h3>{text("measures")}</h3>
      {inForce.length === 0 ? <p className="quiet">{text("noMeasures")}</p> : null}
      <ul className="plain-list">
        {inForce.map(({ id: measureId, measure, reason, takenBy }) => (
          <li key={measureId}>
            <span className="case-words">
              <strong>{text(`measure.${measure}`)}</strong>
              <br />
              <span className="quiet">
                {takenBy} · {reason}
              </span>
              <details>
                <summary>{text("end")}</summary>
                <Reasoned
                  label={text("reason")}
                  isPending={change.isPending}
                  actions={[
                    {
                      name: text("end"),
                      run: (words) =>
                        change.mutate(() =>
                          call(caseEndpoints.end, {
                            params: { id: found.id, measureId },
                            body: { reason: words },
                          }),
                        ),
                    },
                  ]}
                />
              </details>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function TakeMeasure({ found }: { found: CaseDetail }) {
  const { t: text } = useTranslation("cases");
  const id = useId();
  const change = useCaseChange();
  const open = CASE_MEASURES.filter((one) => !found.measures.includes(one));
  const [chosen, setChosen] = useState<CaseMeasureName>();
  const measure = chosen !== undefined && open.includes(chosen) ? chosen : open[0];
  if (measure === undefined) return null;
  return (
    <Reasoned
      label={text("reason")}
      isPending={change.isPending}
      actions={[
        {
          name: text("take"),
          isMain: true,
          run: (reason) =>
            change.mutate(() =>
              call(caseEndpoints.decide, { params: { id: found.id }, body: { measure, reason } }),
            ),
        },
      ]}
    >
      <label htmlFor={id}>{text("stepToTake")}</label>
      <Select
        id={id}
        value={measure}
        onChange={setChosen}
        options={open.map((value) => ({ value, label: text(`measure.${value}`) }))}
      />
      <p className="quiet">{text(`measureHelp.${measure}`)}</p>
    </Reasoned>
  );
}

function Similar({ found }: { found: CaseDetail }) {
  const { t: text } = useTranslation("cases");
  const change = useCaseChange(text("mergeConflict"));
  if (found.similar.length + found.merged.length === 0 && found.mergedInto === undefined) return null;
  const merge = (into: string) =>
    change.mutate(() => call(caseEndpoints.merge, { params: { id: found.id }, body: { into } }));
  return (
    <div>
      {found.merged.length === 0 ? null : (
        <>
          <h3>{text("mergedHere")}</h3>
          <ul className="plain-list">
            {found.merged.map((id, place) => (
              <li key={id}>
                <Link to={`/cases/${id}`}>{text("mergedCase", { number: place + 1 })}</Link>
              </li>
            ))}
          </ul>
        </>
      )}
      <h3>{text("similar")}</h3>
      {found.mergedInto === undefined ? null : (
        <p>
          <Link to={`/cases/${found.mergedInto}`}>{text("mergedInto")}</Link>{" "}
          <Button onClick={() => merge(found.id)}>{text("takeOut")}</Button>
        </p>
      )}
      <ul className="plain-list">
        {found.similar.map((one) => (
          <li key={one.id}>
            <span>
              <Link to={`/cases/${one.id}`}>{text(`step.${one.step}`)}</Link>
              <br />
              <span className="quiet">
                {text("similarBy", { rules: one.rules.map((rule) => ruleText(text, rule)).join("、") })}
              </span>
            </span>
            {found.mergedInto === undefined && found.merged.length === 0 ? (
              <Button onClick={() => merge(one.id)}>{text("merge")}</Button>
            ) : null}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Close({ found }: { found: CaseDetail }) {
  const { t: text } = useTranslation("cases");
  const id = useId();
  const change = useCaseChange();
  const [finding, setFinding] = useState<CaseFinding>();
  return (
    <Reasoned
      label={text("reason")}
      isPending={change.isPending}
      actions={
        finding === undefined
          ? []
          : [
              {
                name: text("close"),
                run: (reason) =>
                  change.mutate(() =>
                    call(caseEndpoints.close, { params: { id: found.id }, body: { finding, reason } }),
                  ),
              },
            ]
      }
    >
      <h3>{text("close")}</h3>
      <label htmlFor={id}>{text("finding")}</label>
      <Select
        id={id}
        value={finding ?? null}
        placeholder={text("finding")}
        onChange={(value) => {
          if (value !== null) setFinding(value);
        }}
        options={CASE_FINDINGS.map((value) => ({ value, label: text(`findingOf.${value}`) }))}
      />
      <p className="quiet">{text("findingHelp")}</p>
    </Reasoned>
  );
}
