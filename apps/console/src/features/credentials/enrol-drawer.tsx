import {
  type Credential,
  type CredentialEnrol,
  credentialEndpoints,
  type EnrolledCredential,
} from "@menshen/wire";
import { Alert, Button, Drawer, Form, Input, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useSignedIn } from "../../api/session.tsx";
import { localDateTimeToEpochMs } from "../../components/local-time.ts";

const KINDS = ["desfire", "ntag424", "uid", "pin"] as const;
type Kind = (typeof KINDS)[number];

interface Values {
  kind: Kind;
  /** Absent for a PIN. */
  identifier?: string;
  until?: string;
}

/** What the server tells once. */
type Issued = Pick<EnrolledCredential, "credential" | "personalisation" | "pin">;

/** Hexadecimal as people type or paste it: `04:A2:…`, `04 a2 …`. */
export function parseIdentifier(text: string): string | undefined {
  const hex = text.replace(/[\s:-]/g, "").toLowerCase();
  return /^([0-9a-f]{2}){2,64}$/.test(hex) ? hex : undefined;
}

/**
 * Enrols a card for a person, or in the place of another one. The identifier comes from the desk reader
 * (`menshen card read`), typed or scanned; keys for a blank card are shown once, for the desk encoder. A PIN is drawn by
 * the server and shown once, for its holder.
 */
export function EnrolDrawer(props: {
  isOpen: boolean;
  onClose: () => void;
  personId: string;
  personName: string;
  replaces?: Credential;
}) {
  const { t } = useTranslation();
  const { timeZone } = useSignedIn().community;
  const [form] = Form.useForm<Values>();
  const [issued, setIssued] = useState<Issued>();
  const isPin = Form.useWatch("kind", form) === "pin";
  const close = () => {
    setIssued(undefined);
    form.resetFields();
    props.onClose();
  };
  const enrol = useChange(
    async (card: Omit<CredentialEnrol, "personId">): Promise<Issued> => {
      const { replaces } = props;
      if (replaces === undefined) {
        return call(credentialEndpoints.enrol, { body: { ...card, personId: props.personId } });
      }
      return call(credentialEndpoints.replace, {
        params: { id: replaces.id },
        body: card,
        reason: { code: "lost-or-stolen" },
      });
    },
    {
      onDone: (answer) => {
        if (hasNews(answer)) setIssued(answer);
        else close();
      },
    },
  );
  const submit = (values: Values) => {
    const { kind } = values;
    const until = localDateTimeToEpochMs(`${values.until ?? ""}T00:00`, timeZone);
    const validity = until === undefined ? {} : { until };
    const identifier = parseIdentifier(values.identifier ?? "");
    if (kind === "pin") enrol.mutate({ kind, ...validity });
    else if (identifier !== undefined) enrol.mutate({ kind, identifier, ...validity });
  };

  return (
    <Drawer
      open={props.isOpen}
      onClose={close}
      size={480}
      title={
        props.replaces === undefined
          ? t("credential.enrolFor", { name: props.personName })
          : t("credential.replace")
      }
      forceRender
    >
      {issued === undefined ? (
        <Form<Values>
          form={form}
          layout="vertical"
          initialValues={{ kind: firstKind(props.replaces) }}
          onFinish={submit}
        >
          <Form.Item name="kind" label={t("credential.kind")}>
            <Radio.Group
              options={KINDS.map((kind) => ({
                value: kind,
                label: `${t(`credentialKind.${kind}`)} · ${t(`credential.kindGrade.${kind}`)}`,
              }))}
            />
          </Form.Item>
          {isPin ? (
            <p>{t("credential.pinHelp")}</p>
          ) : (
            <Form.Item
              name="identifier"
              label={t("credential.identifier")}
              extra={t("credential.identifierHelp")}
              rules={[
                {
                  validator: (_, value: string | undefined) =>
                    parseIdentifier(value ?? "") === undefined
                      ? Promise.reject(new Error(t("credential.identifierWrong")))
                      : Promise.resolve(),
                },
              ]}
            >
              <Input autoComplete="off" spellCheck={false} placeholder="04 A2 …" />
            </Form.Item>
          )}
          <Form.Item name="until" label={`${t("common.until")} (${t("common.optional")})`}>
            <Input type="date" />
          </Form.Item>
          {props.replaces === undefined ? null : <p>{t("credential.replaceHelp")}</p>}
          <Button type="primary" htmlType="submit" loading={enrol.isPending}>
            {props.replaces === undefined ? t("credential.enrol") : t("credential.replace")}
          </Button>
        </Form>
      ) : (
        <>
          {waitsForSecond(issued) ? (
            <Alert
              type="warning"
              showIcon
              title={t("credential.needsSecond")}
              description={t("credential.needsSecondHelp")}
            />
          ) : null}
          {hasSecrets(issued) ? (
            <>
              <Alert
                type="success"
                showIcon
                title={t("credential.enrolled")}
                description={t(issued.pin === undefined ? "credential.keysOnce" : "credential.pinOnce")}
              />
              <pre className="keys">{issued.pin ?? keysText(issued)}</pre>
            </>
          ) : null}
          <Button type="primary" onClick={close}>
            {t("common.close")}
          </Button>
        </>
      )}
    </Drawer>
  );
}

/** Like is replaced by like. */
function firstKind(replaces: Credential | undefined): Kind {
  return KINDS.find((kind) => kind === replaces?.kind) ?? "desfire";
}

function hasSecrets({ personalisation, pin }: Issued): boolean {
  return personalisation !== undefined || pin !== undefined;
}

function waitsForSecond({ credential }: Issued): boolean {
  return credential.log?.state === "second-person";
}

/** Whether the desk has to read something before the drawer closes. */
function hasNews(issued: Issued): boolean {
  return hasSecrets(issued) || waitsForSecond(issued);
}

function keysText({ personalisation }: Issued): string {
  return JSON.stringify({ kind: personalisation?.kind, keys: personalisation?.keys }, null, 2);
}
