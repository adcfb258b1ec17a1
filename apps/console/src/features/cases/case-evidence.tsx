import { StateMark, type StateTone } from "@menshen/ui";
import { caseEvidenceEndpoints, type EvidencePackageItem, type EvidenceState } from "@menshen/wire";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { ExactMoment } from "../../components/moments.tsx";
import { problemText } from "../../components/problem-text.ts";
import { Reasoned } from "./reasoned.tsx";

const RENEW_MS = 5_000;

const TONES: Readonly<Record<EvidenceState, StateTone>> = {
  waiting: "quiet",
  ready: "granted",
  forgotten: "quiet",
};

/** Evidence of a case: what was made, who touched it, and what may be done. */
export function CaseEvidence(props: { caseId: string; mayHandle: boolean; isForgotten: boolean }) {
  const { t: text } = useTranslation("cases");
  const { caseId, mayHandle, isForgotten } = props;
  const change = useEvidenceChange();
  const [made, setMade] = useState(0);
  const read = useQuery({
    queryKey: [caseEvidenceEndpoints.list.id, caseId],
    queryFn: ({ signal }) => call(caseEvidenceEndpoints.list, { params: { id: caseId }, signal }),
    refetchInterval: RENEW_MS,
  });
  const items = read.data?.items ?? [];
  if (items.length === 0 && (!mayHandle || isForgotten)) return null;
  return (
    <section className="section" aria-labelledby="evidence">
      <h2 id="evidence">{text("evidence.title")}</h2>
      <p className="quiet">{text("evidence.help")}</p>
      <ul className="plain-list">
        {items.map((item) => (
          <Package key={item.id} caseId={caseId} item={item} mayHandle={mayHandle} />
        ))}
      </ul>
      {mayHandle && !isForgotten ? (
        <details>
          <summary>{text("evidence.make")}</summary>
          <p className="quiet">
            {text(read.data?.stamps === true ? "evidence.stamps" : "evidence.stampsNot")}
          </p>
          <Reasoned
            key={made}
            label={text("evidence.why")}
            isPending={change.isPending}
            actions={[
              {
                name: text("evidence.make"),
                run: (reason) =>
                  change.mutate(async () => {
                    await call(caseEvidenceEndpoints.make, { params: { id: caseId }, body: { reason } });
                    setMade((count) => count + 1);
                  }),
              },
            ]}
          />
        </details>
      ) : null}
    </section>
  );
}

function Package(props: { caseId: string; item: EvidencePackageItem; mayHandle: boolean }) {
  const { t: text } = useTranslation("cases");
  const { item } = props;
  return (
    <li>
      <span className="case-words">
        <StateMark tone={TONES[item.state]}>{text(`evidence.state.${item.state}`)}</StateMark>
        <br />
        {text("evidence.madeBy", { name: item.madeBy })} · <ExactMoment epochMs={item.madeAt} />
        <br />
        <span className="quiet">{item.reason}</span>
        {item.stampedAt === undefined ? null : (
          <>
            <br />
            <span className="quiet">
              {text("evidence.stamped")} <ExactMoment epochMs={item.stampedAt} />
            </span>
          </>
        )}
        {item.packageSha256 === undefined ? null : (
          <>
            <br />
            <span className="quiet">SHA-256</span> <code className="code">{item.packageSha256}</code>
          </>
        )}
        <details>
          <summary>{text("evidence.custody", { count: item.custody.length })}</summary>
          <ul className="plain-list">
            {item.custody.map(({ at, what, by, recipient, reason }, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: what happened only grows
              <li key={place}>
                <span>
                  {text(`evidence.act.${what}`)} · {by ?? text("evidence.server")}
                  {recipient === undefined ? null : ` → ${recipient}`}
                  <br />
                  <span className="quiet">
                    <ExactMoment epochMs={at} />
                    {reason === undefined ? null : ` · ${reason}`}
                  </span>
                </span>
              </li>
            ))}
          </ul>
        </details>
        {item.state === "ready" && props.mayHandle ? <TakeOut caseId={props.caseId} item={item} /> : null}
      </span>
    </li>
  );
}

function TakeOut(props: { caseId: string; item: EvidencePackageItem }) {
  const { t: text } = useTranslation("cases");
  const id = useId();
  const change = useEvidenceChange();
  const [recipient, setRecipient] = useState("");
  const [isUnnamed, setIsUnnamed] = useState(false);
  const params = { id: props.caseId, packageId: props.item.id };
  return (
    <details>
      <summary>{text("evidence.takeOut")}</summary>
      <Reasoned
        label={text("evidence.fetchWhy")}
        isPending={change.isPending}
        actions={[
          {
            name: text("evidence.save"),
            isMain: true,
            run: (reason) => {
              if (recipient.trim().length < 2) {
                setIsUnnamed(true);
                return;
              }
              change.mutate(async () => {
                const taken = await call(caseEvidenceEndpoints.fetch, {
                  params,
                  body: { recipient: recipient.trim(), reason },
                });
                saveFile(taken.name, taken.file);
              });
            },
          },
        ]}
      >
        <label htmlFor={id}>{text("evidence.recipient")}</label>
        <Input
          id={id}
          maxLength={200}
          value={recipient}
          status={isUnnamed ? "error" : ""}
          aria-describedby={`${id}-help`}
          onChange={(event) => {
            setRecipient(event.target.value);
            setIsUnnamed(false);
          }}
        />
        <p id={`${id}-help`} role="alert" className="quiet">
          {isUnnamed ? text("evidence.unnamed") : ""}
        </p>
      </Reasoned>
    </details>
  );
}

/** Runs something with packages, then reads them anew; says in words what was refused. */
function useEvidenceChange() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: (change: () => Promise<void>) => change(),
    onSuccess: () => client.invalidateQueries({ queryKey: [caseEvidenceEndpoints.list.id] }),
    onError: (error) => void message.error(problemText(t, error)),
  });
}

/** Puts a file of base64 into the downloads of this browser. */
function saveFile(name: string, base64: string): void {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/zip" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun the download by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
