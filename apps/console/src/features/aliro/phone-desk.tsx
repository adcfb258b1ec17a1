import "./texts/index.ts";
import { formatClock } from "@menshen/ui";
import { aliroEndpoints, type Credential, credentialEndpoints } from "@menshen/wire";
import { Alert, Button, Drawer, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMomentFormat } from "../../components/moments.tsx";
import { useAliroState } from "./aliro-state.ts";
import { saveJson } from "./save-json.ts";

const FILE = "desk-reader.json";

/**
 * Enrols a telephone that is at the desk: it proves to a reader made for it that it holds its key, as cards lie on the desk
 * reader. The console passes on what the reader's program prints; the server checks it.
 */
export function PhoneDesk(props: {
  isOpen: boolean;
  onClose: () => void;
  personId: string;
  personName: string;
  dwellingId?: string | undefined;
  /** The key of the telephone that this one comes in the place of: it ends as soon as the new one is enrolled. */
  replaces?: Credential;
}) {
  const { t } = useTranslation("phones");
  return (
    <Drawer
      open={props.isOpen}
      onClose={props.onClose}
      size={480}
      title={t("desk.title", { name: props.personName })}
      destroyOnHidden
    >
      <Steps {...props} />
    </Drawer>
  );
}

function Steps(props: {
  onClose: () => void;
  personId: string;
  dwellingId?: string | undefined;
  replaces?: Credential;
}) {
  const { t } = useTranslation("phones");
  const { t: text } = useTranslation();
  const format = useMomentFormat();
  const groups = useAliroState().data?.groups;
  const [groupId, setGroupId] = useState<string>();
  const [desk, setDesk] = useState<{ id: string; expiresAt: number }>();
  const [proof, setProof] = useState("");
  const [isDone, setIsDone] = useState(false);
  const { personId, replaces } = props;
  const dwellingId = props.dwellingId ?? replaces?.dwellingId;
  // One that is lost or came back opens nothing, and stays on record as that.
  const isOldAlive = replaces?.state === "active" || replaces?.state === "blocked";
  const end = useChange(
    (id: string) =>
      call(credentialEndpoints.destroyed, { params: { id }, reason: { code: "lost-or-stolen" } }),
    { doneText: t("desk.oldEnded"), refusedText: () => t("desk.oldStands") },
  );
  const make = useChange(
    () =>
      call(aliroEndpoints.beginDesk, {
        body: { personId, ...(groupId === undefined ? {} : { groupId }) },
      }),
    {
      onDone: ({ id, expiresAt, reader }) => {
        saveJson(FILE, { reader });
        setDesk({ id, expiresAt });
      },
    },
  );
  const possession = proof.replace(/\s|possession:/g, "").toLowerCase();
  const isProof = /^[0-9a-f]{550}$/.test(possession);
  const enrol = useChange(
    (id: string) =>
      call(aliroEndpoints.enrolPhone, {
        params: { id },
        body: { possession, ...(dwellingId === undefined ? {} : { dwellingId }) },
      }),
    {
      onDone: () => {
        setIsDone(true);
        if (isOldAlive) end.mutate(replaces.id);
      },
      refusedText: (error) => {
        if (!(error instanceof ApiError)) return undefined;
        if (error.code === "invalid-request") return t("desk.refused");
        if (error.code === "not-found") return t("desk.over");
        return error.code === "conflict" ? t("desk.taken") : undefined;
      },
    },
  );
  if (isDone) {
    return (
      <>
        <Alert type="success" showIcon title={t("desk.done")} />
        <p>
          <Button type="primary" onClick={props.onClose}>
            {text("common.close")}
          </Button>
        </p>
      </>
    );
  }
  if (groups?.length === 0) {
    return (
      <Alert
        type="warning"
        showIcon
        title={t("desk.noGroup")}
        description={<Link to="/credentials/phones">{t("desk.toGroups")}</Link>}
      />
    );
  }
  return (
    <>
      <p>{t("desk.steps")}</p>
      {!isOldAlive ? null : <p>{t("desk.replaces", { label: replaces.label })}</p>}
      <p className="quiet">{t("honest")}</p>
      {groups === undefined || groups.length < 2 ? null : (
        <p>
          <Select
            className="wide-select"
            aria-label={t("desk.group")}
            placeholder={t("desk.group")}
            value={groupId ?? null}
            onChange={(value: string) => setGroupId(value)}
            options={groups.map(({ id, doorGroup, identifier }) => ({
              value: id,
              label: `${t("group", { group: doorGroup })} · ${identifier.slice(0, 8)}`,
            }))}
          />
        </p>
      )}
      <Button
        type={desk === undefined ? "primary" : "default"}
        loading={make.isPending}
        onClick={() => make.mutate(undefined)}
      >
        {t(desk === undefined ? "desk.make" : "desk.again")}
      </Button>
      {desk === undefined ? null : (
        <>
          <p role="status">{t("desk.made", { time: formatClock(desk.expiresAt, format) })}</p>
          <p>{t("desk.run")}</p>
          <pre className="keys">menshen card read aliro READER --desk {FILE}</pre>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (isProof) enrol.mutate(desk.id);
            }}
          >
            <label htmlFor="phone-proof">{t("desk.proof")}</label>
            <Input.TextArea
              id="phone-proof"
              autoSize={{ minRows: 3, maxRows: 8 }}
              autoComplete="off"
              spellCheck={false}
              value={proof}
              onChange={(event) => setProof(event.target.value)}
            />
            {proof === "" || isProof ? null : (
              <p role="alert" className="quiet">
                {t("desk.proofWrong")}
              </p>
            )}
            <p>
              <Button type="primary" htmlType="submit" disabled={!isProof} loading={enrol.isPending}>
                {t("desk.enrol")}
              </Button>
            </p>
          </form>
        </>
      )}
    </>
  );
}
