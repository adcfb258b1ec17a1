import type { CredentialKind } from "@menshen/domain";
import { GradeMark } from "@menshen/ui";
import { CREDENTIAL_STATES, type Credential, type CredentialState, credentialEndpoints } from "@menshen/wire";
import { Badge, Button, Input, Select, type TableColumnsType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useNavigate, useSearchParams } from "react-router";
import { usePaged } from "../../api/paged.ts";
import { useMay, useSignedIn } from "../../api/session.tsx";
import { RelativeMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, Forbidden, NotFound, OtherDuty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { ResidentsData } from "../../components/residents-data.tsx";
import { CredentialActions } from "./credential-actions.tsx";
import { CredentialHistory } from "./credential-history.tsx";
import { CredentialLifeMark } from "./credential-life-mark.tsx";
import { CredentialLogMark } from "./credential-log-mark.tsx";
import { CredentialStateMark } from "./credential-state-mark.tsx";
import { ImportPage } from "./import-page.tsx";
import { MigrationPage } from "./migration-page.tsx";
import { ReceiptsPage } from "./receipts-page.tsx";
import { ToConfirm } from "./to-confirm.tsx";
import { ToVisit } from "./to-visit.tsx";
import { useUnconfirmed } from "./unconfirmed.ts";

const KINDS: readonly CredentialKind[] = [
  "desfire",
  "ntag424",
  "uid",
  "wiegand",
  "osdp-raw",
  "pkoc",
  "phone",
  "phone-pass",
  "plate",
];

/** Every credential and its holder, for whoever said why they look; how far a community is names nobody. */
export default function CredentialsPage() {
  const mayRead = useMay("credentials.read");
  const { duty } = useSignedIn();
  if (!mayRead) return duty === "operate" ? <Forbidden /> : <OtherDuty duty="operate" />;
  return (
    <Routes>
      <Route path="migration" element={<MigrationPage />} />
      <Route path="*" element={<NamedCredentials />} />
    </Routes>
  );
}

function NamedCredentials() {
  const { t } = useTranslation();
  return (
    <ResidentsData title={t("nav.credentials")} lead={t("credential.lead")}>
      <Routes>
        <Route index element={<Credentials />} />
        <Route path="confirm" element={<ToConfirm />} />
        <Route path="receipts" element={<ReceiptsPage />} />
        <Route path="import" element={<ImportPage />} />
        <Route path="to-visit" element={<ToVisit />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </ResidentsData>
  );
}

/** Every credential, with what it is worth and whether it opens. */
function Credentials() {
  const { t } = useTranslation();
  const { t: text } = useTranslation("cards");
  const mayWrite = useMay("credentials.write");
  const [search, setSearch] = useSearchParams();
  const [label, setLabel] = useState("");
  const [state, setState] = useState<CredentialState>();
  const [kind, setKind] = useState<CredentialKind>();
  const credentials = usePaged(credentialEndpoints.list, {
    limit: 100,
    ...(label.trim() === "" ? {} : { label: label.trim() }),
    ...(state === undefined ? {} : { state }),
    ...(kind === undefined ? {} : { kind }),
  });

  const columns: TableColumnsType<Credential> = [
    {
      key: "what",
      title: t("credential.one"),
      render: (_, credential) => (
        <>
          {t(`credentialKind.${credential.kind}`)}
          {credential.label === "" ? "" : ` …${credential.label}`}
        </>
      ),
    },
    {
      key: "grade",
      title: t("credential.grade"),
      render: (_, credential) => (
        <GradeMark grade={credential.grade} label={t(`grade.of.${credential.grade}`)} />
      ),
    },
    {
      key: "person",
      title: t("people.person"),
      render: (_, credential) => (
        <Link to={`/people?person=${credential.personId}`}>
          {credential.personName}
          {credential.dwellingName === undefined ? "" : ` · ${credential.dwellingName}`}
        </Link>
      ),
    },
    {
      key: "state",
      title: t("credential.stateTitle"),
      render: (_, credential) => (
        <>
          <CredentialStateMark credential={credential} />{" "}
          <span className="quiet">
            <RelativeMoment epochMs={credential.stateChangedAt} />
          </span>
          <br />
          <CredentialLifeMark credential={credential} /> <CredentialLogMark credential={credential} />
        </>
      ),
    },
    {
      key: "actions",
      title: "",
      align: "right",
      render: (_, credential) => (
        <span className="actions">
          <Button type="text" onClick={() => setSearch({ credential: credential.id })}>
            {t("credential.history")}
          </Button>
          <CredentialActions credential={credential} />
        </span>
      ),
    },
  ];

  return (
    <>
      <PageHead
        title={t("nav.credentials")}
        lead={t("credential.lead")}
        action={
          <span className="actions">
            <Link to="/credentials/migration">{text("migration.title")}</Link>
            <Link to="/credentials/keys">{t("credential.keys")}</Link>
            <Link to="/credentials/phones">{t("credential.phones")}</Link>
            <Link to="/credentials/receipts">{text("receipts.title")}</Link>
            {mayWrite ? <Link to="/credentials/import">{text("import.title")}</Link> : null}
            <ToConfirmLink />
          </span>
        }
      />
      <search className="filters">
        <Input.Search
          aria-label={t("credential.findLabel")}
          placeholder={t("credential.findLabel")}
          allowClear
          maxLength={8}
          value={label}
          onChange={(event) => setLabel(event.target.value)}
        />
        <Select<CredentialState>
          aria-label={t("credential.stateTitle")}
          placeholder={t("credential.anyState")}
          allowClear
          value={state ?? null}
          onChange={(value?: CredentialState) => setState(value)}
          options={CREDENTIAL_STATES.map((value) => ({ value, label: t(`credential.state.${value}`) }))}
        />
        <Select<CredentialKind>
          aria-label={t("credential.kind")}
          placeholder={t("credential.anyKind")}
          allowClear
          value={kind ?? null}
          onChange={(value?: CredentialKind) => setKind(value)}
          options={KINDS.map((value) => ({ value, label: t(`credentialKind.${value}`) }))}
        />
      </search>
      <PagedTable
        read={credentials}
        label={t("nav.credentials")}
        rowKey={(credential) => credential.id}
        columns={columns}
        empty={<Empty title={t("credential.nothingFound")}>{t("credential.nothingFoundHelp")}</Empty>}
      />
      <CredentialHistory credentialId={search.get("credential") ?? undefined} onClose={() => setSearch({})} />
    </>
  );
}

/** Leads to the credentials that wait for a second person, and says how many there are. */
function ToConfirmLink() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const count = useUnconfirmed().data?.items.length ?? 0;
  return (
    <Badge count={count} title="">
      <Button
        role="link"
        aria-label={t("credential.confirm.open", { count })}
        onClick={() => void navigate("/credentials/confirm")}
      >
        {t("credential.confirm.title")}
      </Button>
    </Badge>
  );
}
