import { leafLink, StateMark } from "@menshen/ui";
import {
  aliroEndpoints,
  type ChangeReason,
  type Credential,
  credentialEndpoints,
  type IssuedDocument,
  type PhoneKeyRequest,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Select, type TableColumnsType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError, call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { useViewKey } from "../../api/view-reason.ts";
import { DayText, ExactMoment, RelativeMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { CredentialActions } from "../credentials/credential-actions.tsx";
import { CredentialLogMark } from "../credentials/credential-log-mark.tsx";
import { CredentialStateMark } from "../credentials/credential-state-mark.tsx";
import { PhoneDesk } from "./phone-desk.tsx";
import { saveJson } from "./save-json.ts";

const DAY_MS = 86_400_000;

/** Who waits for a phone key, whose telephones open, and what they carry. */
export function PhonesOfResidents() {
  const { t } = useTranslation("phones");
  return (
    <>
      <PageHead
        title={t("people")}
        lead={t("honest")}
        action={<Link to="/credentials/phones">{t("toPhones")}</Link>}
      />
      <Requests />
      <Phones />
      <Documents />
    </>
  );
}

function Person(props: { personId: string; personName: string; dwellingName?: string | undefined }) {
  return (
    <Link to={`/people?person=${props.personId}`}>
      {props.personName}
      {props.dwellingName === undefined ? "" : ` · ${props.dwellingName}`}
    </Link>
  );
}

function Requests() {
  const { t } = useTranslation("phones");
  const { t: text } = useTranslation();
  const mayWrite = useMay("credentials.write");
  const [chosen, setChosen] = useState<PhoneKeyRequest>();
  const requests = useQuery({
    queryKey: [aliroEndpoints.requests.id, useViewKey()],
    queryFn: ({ signal }) => call(aliroEndpoints.requests, { signal }),
  });
  const columns: TableColumnsType<PhoneKeyRequest> = [
    { key: "person", title: text("people.person"), render: (_, request) => <Person {...request} /> },
    {
      key: "asked",
      title: t("asked"),
      render: (_, { askedAt }) => <RelativeMoment epochMs={askedAt} />,
    },
    {
      key: "enrol",
      title: "",
      align: "right",
      render: (_, request) =>
        mayWrite ? (
          <Button type="primary" onClick={() => setChosen(request)}>
            {t("enrolAtDesk")}
          </Button>
        ) : null,
    },
  ];
  return (
    <section className="section" aria-labelledby="phone-requests">
      <h2 id="phone-requests">{t("requests")}</h2>
      <PagedTable
        read={whole(requests, requests.data?.items)}
        label={t("requests")}
        rowKey={({ personId }) => personId}
        columns={columns}
        empty={<Empty title={t("noRequests")}>{t("noRequestsHelp")}</Empty>}
      />
      <PhoneDesk
        isOpen={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        personId={chosen?.personId ?? ""}
        personName={chosen?.personName ?? ""}
        dwellingId={chosen?.dwellingId}
      />
    </section>
  );
}

function Phones() {
  const { t } = useTranslation("phones");
  const { t: text } = useTranslation();
  const phones = usePaged(credentialEndpoints.list, { kind: "phone", limit: 100 });
  const columns: TableColumnsType<Credential> = [
    {
      key: "what",
      title: t("phone"),
      render: (_, credential) => (
        <>
          …{credential.label} <CredentialStateMark credential={credential} />
          <br />
          <CredentialLogMark credential={credential} />
        </>
      ),
    },
    { key: "person", title: text("people.person"), render: (_, credential) => <Person {...credential} /> },
    {
      key: "actions",
      title: "",
      align: "right",
      render: (_, credential) => (
        <span className="actions">
          {credential.state === "active" ? <MakeDocument credential={credential} /> : null}
          <CredentialActions credential={credential} />
        </span>
      ),
    },
  ];
  return (
    <section className="section" aria-labelledby="phone-list">
      <h2 id="phone-list">{t("phones")}</h2>
      <PagedTable
        read={phones}
        label={t("phones")}
        rowKey={({ id }) => id}
        columns={columns}
        empty={<Empty title={t("noPhones")}>{t("noPhonesHelp")}</Empty>}
      />
    </section>
  );
}

function MakeDocument({ credential }: { credential: Credential }) {
  const { t } = useTranslation("phones");
  const mayWrite = useMay("credentials.write");
  const [days, setDays] = useState(7);
  const make = useChange(
    () =>
      call(aliroEndpoints.issueDocument, {
        params: { id: credential.id },
        body: { until: Date.now() + days * DAY_MS },
      }),
    {
      doneText: t("documentMade"),
      onDone: (document) => saveJson(`access-document-${credential.label}.json`, document),
      refusedText: (error) =>
        error instanceof ApiError && error.code === "conflict" ? t("documentRefused") : undefined,
    },
  );
  if (!mayWrite) return null;
  return (
    <>
      <Select
        aria-label={t("documentDays")}
        value={days}
        onChange={setDays}
        options={[1, 7, 30].map((value) => ({ value, label: t("days", { count: value }) }))}
      />
      <Button loading={make.isPending} onClick={() => make.mutate(undefined)}>
        {t("makeDocument")}
      </Button>
    </>
  );
}

const TONES = { good: "granted", withdrawn: "refused", over: "offline" } as const;

function Documents() {
  const { t } = useTranslation("phones");
  const { t: text } = useTranslation();
  const documents = useQuery({
    queryKey: [aliroEndpoints.documents.id, useViewKey()],
    queryFn: ({ signal }) => call(aliroEndpoints.documents, { signal }),
  });
  const columns: TableColumnsType<IssuedDocument> = [
    {
      key: "person",
      title: text("people.person"),
      render: (_, document) => (
        <>
          <Person {...document} /> <span className="quiet">…{document.label}</span>
        </>
      ),
    },
    {
      key: "issued",
      title: t("issued"),
      render: (_, { issuedAt, issuedByName }) => (
        <>
          <ExactMoment epochMs={issuedAt} />
          <br />
          <span className="quiet">{issuedByName ?? t("byHolder")}</span>
        </>
      ),
    },
    {
      key: "until",
      title: t("until"),
      render: (_, { until, state }) => (
        <>
          <DayText epochMs={until} /> <StateMark tone={TONES[state]}>{t(`state.${state}`)}</StateMark>
        </>
      ),
    },
    {
      key: "proof",
      title: t("proof"),
      render: (_, { leafIndexes }) =>
        leafIndexes.map((index) => (
          <div key={index}>
            <a href={leafLink(index)}>{t("leaf", { index })}</a>
          </div>
        )),
    },
    {
      key: "actions",
      title: "",
      align: "right",
      render: (_, document) => (document.state === "good" ? <Withdraw document={document} /> : null),
    },
  ];
  return (
    <section className="section" aria-labelledby="phone-documents">
      <h2 id="phone-documents">{t("documents")}</h2>
      <p>{t("documentsLead")}</p>
      <PagedTable
        read={whole(documents, documents.data?.items)}
        label={t("documents")}
        rowKey={({ id }) => id}
        columns={columns}
        empty={<Empty title={t("noDocuments")}>{t("noDocumentsHelp")}</Empty>}
      />
    </section>
  );
}

function Withdraw({ document }: { document: IssuedDocument }) {
  const { t } = useTranslation("phones");
  const mayWrite = useMay("credentials.write");
  const withdraw = useChange(
    (reason: ChangeReason) =>
      call(aliroEndpoints.withdrawDocuments, { params: { id: document.credentialId }, reason }),
    { doneText: t("withdrawn") },
  );
  if (!mayWrite) return null;
  return (
    <ReasonButton
      label={t("withdraw")}
      isPending={withdraw.isPending}
      isDangerous
      onConfirm={withdraw.mutate}
    />
  );
}

/** What a table of pages takes, for a list that comes whole. */
function whole<Item>(
  query: Pick<ReturnType<typeof useQuery>, "isPending" | "isError" | "error" | "refetch">,
  items: readonly Item[] = [],
) {
  const { isPending, isError, error, refetch } = query;
  return {
    items,
    isPending,
    isError,
    error,
    refetch,
    hasNextPage: false,
    isFetchingNextPage: false,
    fetchNextPage: refetch,
  };
}
