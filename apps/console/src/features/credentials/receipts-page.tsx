import "./texts/index.ts";
import { type Credential, credentialEndpoints } from "@menshen/wire";
import { Button, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { RelativeMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { CredentialActions } from "./credential-actions.tsx";

/** What was handed over and nobody signed for; above it, what its holder says they never got. */
export function ReceiptsPage() {
  const { t } = useTranslation("cards");
  return (
    <>
      <PageHead
        title={t("receipts.title")}
        lead={t("receipts.lead")}
        action={<Link to="/credentials">{t("receipts.back")}</Link>}
      />
      <Denied />
      <Open />
    </>
  );
}

function Denied() {
  const { t } = useTranslation("cards");
  const denied = usePaged(credentialEndpoints.list, { receipt: "denied", limit: 100 });
  const what = useWhat();
  const columns: TableColumnsType<Credential> = [
    ...what,
    {
      key: "denied",
      title: t("receipts.deniedAt"),
      render: (_, { deniedAt, enrolledAt }) => <RelativeMoment epochMs={deniedAt ?? enrolledAt} />,
    },
    {
      key: "actions",
      title: "",
      align: "right",
      render: (_, credential) => <Block credential={credential} />,
    },
  ];
  return (
    <section className="section" aria-labelledby="receipts-denied">
      <h2 id="receipts-denied">{t("receipts.denied")}</h2>
      <p>{t("receipts.deniedLead")}</p>
      <PagedTable
        read={denied}
        label={t("receipts.denied")}
        rowKey={({ id }) => id}
        columns={columns}
        empty={<Empty title={t("receipts.noDenied")}>{t("receipts.noDeniedHelp")}</Empty>}
      />
    </section>
  );
}

function Block({ credential }: { credential: Credential }) {
  const { t } = useTranslation("cards");
  const mayWrite = useMay("credentials.write");
  const block = useChange(
    () =>
      call(credentialEndpoints.block, { params: { id: credential.id }, reason: { code: "lost-or-stolen" } }),
    { doneText: t("receipts.blocked") },
  );
  if (!mayWrite) return null;
  return (
    <Button type="primary" danger loading={block.isPending} onClick={() => block.mutate(undefined)}>
      {t("receipts.block")}
    </Button>
  );
}

function Open() {
  const { t } = useTranslation("cards");
  const open = usePaged(credentialEndpoints.list, { receipt: "open", limit: 100 });
  const what = useWhat();
  const columns: TableColumnsType<Credential> = [
    ...what,
    {
      key: "since",
      title: t("receipts.since"),
      render: (_, { enrolledAt }) => <RelativeMoment epochMs={enrolledAt} />,
    },
    {
      key: "actions",
      title: "",
      align: "right",
      render: (_, credential) => <CredentialActions credential={credential} />,
    },
  ];
  return (
    <section className="section" aria-labelledby="receipts-open">
      <h2 id="receipts-open">{t("receipts.open")}</h2>
      <p>{t("receipts.openLead")}</p>
      <PagedTable
        read={open}
        label={t("receipts.open")}
        rowKey={({ id }) => id}
        columns={columns}
        empty={<Empty title={t("receipts.noOpen")}>{t("receipts.noOpenHelp")}</Empty>}
      />
    </section>
  );
}

/** Which credential, and whose. */
function useWhat(): TableColumnsType<Credential> {
  const { t } = useTranslation();
  return [
    {
      key: "what",
      title: t("credential.one"),
      render: (_, { kind, label }) => (
        <>
          {t(`credentialKind.${kind}`)}
          {label === "" ? "" : ` …${label}`}
        </>
      ),
    },
    {
      key: "person",
      title: t("people.person"),
      render: (_, { personId, personName, dwellingName }) => (
        <Link to={`/people?person=${personId}`}>
          {personName}
          {dwellingName === undefined ? "" : ` · ${dwellingName}`}
        </Link>
      ),
    },
  ];
}
