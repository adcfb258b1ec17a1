import { type ChangeReason, credentialEndpoints, type UnconfirmedCredential } from "@menshen/wire";
import type { TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay, useSignedIn } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { confirmStep, useUnconfirmed } from "./unconfirmed.ts";

/** Credentials that open nothing until a second member of staff answers for them. */
export function ToConfirm() {
  const { t } = useTranslation();
  const waiting = useUnconfirmed();
  const columns: TableColumnsType<UnconfirmedCredential> = [
    {
      key: "what",
      title: t("credential.one"),
      render: (_, { kind, label }) => (
        <>
          {t(`credentialKind.${kind}`)} …{label}
        </>
      ),
    },
    {
      key: "holder",
      title: t("credential.confirm.holder"),
      render: (_, { personId, personName, purpose, dwellingName }) => (
        <>
          <Link to={`/people?person=${personId}`}>{personName}</Link>{" "}
          <span className="quiet">
            {t(`credential.confirm.purpose.${purpose}`)}
            {dwellingName === undefined ? "" : ` · ${dwellingName}`}
          </span>
        </>
      ),
    },
    {
      key: "issued",
      title: t("credential.confirm.issued"),
      render: (_, { enrolledAt, issuedBy, issuedByName }) => (
        <>
          {issuedBy === undefined ? t("credential.confirm.nobody") : issuedByName}{" "}
          <span className="quiet">
            <ExactMoment epochMs={enrolledAt} />
          </span>
        </>
      ),
    },
    {
      key: "actions",
      title: "",
      align: "right",
      render: (_, credential) => <Confirm credential={credential} />,
    },
  ];
  return (
    <>
      <PageHead
        title={t("credential.confirm.title")}
        lead={t("credential.confirm.lead")}
        action={<Link to="/credentials">{t("credential.confirm.back")}</Link>}
      />
      <PagedTable
        read={{
          items: waiting.data?.items ?? [],
          isPending: waiting.isPending,
          isError: waiting.isError,
          error: waiting.error,
          refetch: waiting.refetch,
          hasNextPage: false,
          isFetchingNextPage: false,
          fetchNextPage: waiting.refetch,
        }}
        label={t("credential.confirm.title")}
        rowKey={({ credentialId }) => credentialId}
        columns={columns}
        empty={<Empty title={t("credential.confirm.none")}>{t("credential.confirm.noneHelp")}</Empty>}
      />
    </>
  );
}

function Confirm(props: { credential: UnconfirmedCredential }) {
  const { t } = useTranslation();
  const { staffId } = useSignedIn();
  const mayWrite = useMay("credentials.write");
  const step = confirmStep(props.credential, { staffId, mayWrite });
  const confirm = useChange(
    (reason: ChangeReason) =>
      call(credentialEndpoints.confirm, { params: { id: props.credential.credentialId }, reason }),
    {
      doneText: t(step === "first" ? "credential.confirm.doneFirst" : "credential.confirm.done"),
      refusedText: (error) =>
        error instanceof ApiError && error.code === "conflict" ? t("credential.confirm.conflict") : undefined,
    },
  );
  if (step === "yours") return <span className="quiet">{t("credential.confirm.yours")}</span>;
  if (step === "may-not") return <span className="quiet">{t("credential.confirm.mayNot")}</span>;
  return (
    <ReasonButton
      label={t(step === "first" ? "credential.confirm.actFirst" : "credential.confirm.act")}
      isPending={confirm.isPending}
      onConfirm={(reason) => confirm.mutate(reason)}
    />
  );
}
