import { DomainError, parsePlate } from "@menshen/domain";
import {
  type Credential,
  type CredentialEnrol,
  type CredentialOrder,
  credentialEndpoints,
  type EnrolledCredential,
} from "@menshen/wire";
import "./texts/index.ts";
import { Alert, Button, Checkbox, Drawer, Form, Input, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useSignedIn } from "../../api/session.tsx";
import { localDateTimeToEpochMs } from "../../components/local-time.ts";
import { useLegacyUntil } from "./use-legacy-until.ts";

const KINDS = ["desfire", "ntag424", "uid", "pin", "plate"] as const;
type Kind = (typeof KINDS)[number];

interface Values {
  kind: Kind;
  /** Absent for a PIN and a plate. */
  identifier?: string;
  /** Of a vehicle. */
  plate?: string;
  until?: string;
  /** Lent: it ends by itself, and is to come back. */
  temporary?: boolean;
  /** Block 0 of a MIFARE Classic, where the desk reader shows it. */
  block0?: string;
  /** A card with keys that shows everybody a random number. */
  hidesUid?: boolean;
  /** A DESFire that counts its taps. */
  countsTaps?: boolean;
  /** There is no card yet. */
  orderOnly?: boolean;
}

/** What the server tells once. */
type Issued = Pick<EnrolledCredential, "credential" | "personalisation" | "pin" | "duressPin"> & {
  /** The card's number, which its order for the desk names. */
  readonly uid?: string;
};

/** Hexadecimal as people type or paste it: `04:A2:…`, `04 a2 …`. */
export function parseIdentifier(text: string): string | undefined {
  const hex = text.replace(/[\s:-]/g, "").toLowerCase();
  return /^([0-9a-f]{2}){2,64}$/.test(hex) ? hex : undefined;
}

function isPlate(text: string | undefined): boolean {
  try {
    return parsePlate(text ?? "") !== "";
  } catch (fault) {
    if (fault instanceof DomainError) return false;
    throw fault;
  }
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
  /** An order that gets its card. */
  order?: Credential;
}) {
  const { t } = useTranslation();
  const { t: text } = useTranslation("cards");
  const latest = useLegacyUntil();
  const { timeZone } = useSignedIn().community;
  const [form] = Form.useForm<Values>();
  const [issued, setIssued] = useState<Issued>();
  const kind = Form.useWatch("kind", form);
  const isPin = kind === "pin";
  const isVehicle = kind === "plate";
  /** Laid on a desk reader, and handed to somebody. */
  const isCard = !isPin && !isVehicle;
  const isOrder = Form.useWatch("orderOnly", form) === true && isCard;
  const isLent = Form.useWatch("temporary", form) === true;
  const mustEnd = kind === "uid" || isLent;
  const close = () => {
    setIssued(undefined);
    form.resetFields();
    props.onClose();
  };
  const enrol = useChange(
    async (card: Omit<CredentialEnrol, "personId">): Promise<Issued> => {
      const { replaces, order } = props;
      if (order !== undefined) {
        const { identifier = "", chip, hidesUid, countsTaps } = card;
        return call(credentialEndpoints.personalise, {
          params: { id: order.id },
          body: {
            identifier,
            ...(chip === undefined ? {} : { chip }),
            ...(hidesUid === true ? { hidesUid } : {}),
            ...(countsTaps === true ? { countsTaps } : {}),
          },
        });
      }
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
      onDone: (answer, { identifier }) => {
        if (hasNews(answer))
          setIssued({ ...answer, ...(identifier === undefined ? {} : { uid: identifier }) });
        else close();
      },
    },
  );
  const order = useChange(
    (card: Omit<CredentialOrder, "personId">) =>
      call(credentialEndpoints.order, { body: { ...card, personId: props.personId } }),
    { onDone: () => close() },
  );
  const submit = (values: Values) => {
    const { kind } = values;
    const until =
      kind === "uid" && values.until === latest?.day
        ? latest?.epochMs
        : localDateTimeToEpochMs(`${values.until ?? ""}T00:00`, timeZone);
    const validity = {
      ...(until === undefined ? {} : { until }),
      ...(values.temporary === true ? { temporary: true } : {}),
    };
    if (isOrder && kind !== "pin" && kind !== "plate") {
      order.mutate({ kind, ...validity });
      return;
    }
    const identifier = parseIdentifier(values.identifier ?? "");
    if (kind === "pin") enrol.mutate({ kind, ...validity });
    else if (kind === "plate") enrol.mutate({ kind, plate: values.plate ?? "", ...validity });
    else if (identifier !== undefined) {
      const block0 = kind === "uid" ? parseIdentifier(values.block0 ?? "") : undefined;
      enrol.mutate({
        kind,
        identifier,
        ...validity,
        ...(block0 === undefined ? {} : { chip: { block0 } }),
        ...(kind !== "uid" && values.hidesUid === true ? { hidesUid: true } : {}),
        ...(kind === "desfire" && values.countsTaps === true ? { countsTaps: true } : {}),
      });
    }
  };

  return (
    <Drawer
      open={props.isOpen}
      onClose={close}
      size={480}
      title={
        props.order !== undefined
          ? text("life.personaliseTitle")
          : props.replaces === undefined
            ? t("credential.enrolFor", { name: props.personName })
            : t("credential.replace")
      }
      forceRender
    >
      {issued === undefined ? (
        <Form<Values>
          form={form}
          layout="vertical"
          initialValues={{ kind: firstKind(props.order ?? props.replaces) }}
          onFinish={submit}
        >
          <Form.Item name="kind" label={t("credential.kind")} hidden={props.order !== undefined}>
            <Radio.Group
              options={KINDS.map((kind) => ({
                value: kind,
                label: `${t(`credentialKind.${kind}`)} · ${t(`credential.kindGrade.${kind}`)}`,
              }))}
            />
          </Form.Item>
          {isPin ? <p>{t("credential.pinHelp")}</p> : null}
          {isVehicle ? (
            <Form.Item
              name="plate"
              label={t("credential.plate")}
              extra={t("credential.plateHelp")}
              rules={[
                {
                  validator: (_, value: string | undefined) =>
                    isPlate(value)
                      ? Promise.resolve()
                      : Promise.reject(new Error(t("credential.plateWrong"))),
                },
              ]}
            >
              <Input autoComplete="off" spellCheck={false} placeholder="沪A12345" />
            </Form.Item>
          ) : null}
          {!isCard || isOrder ? null : (
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
          {!isCard || kind === "uid" || isOrder ? null : (
            <Form.Item name="hidesUid" valuePropName="checked" extra={text("life.hidesUidHelp")}>
              <Checkbox>{text("life.hidesUidBox")}</Checkbox>
            </Form.Item>
          )}
          {kind !== "desfire" || isOrder ? null : (
            <Form.Item name="countsTaps" valuePropName="checked" extra={text("life.countsTapsHelp")}>
              <Checkbox>{text("life.countsTapsBox")}</Checkbox>
            </Form.Item>
          )}
          {kind !== "uid" || isOrder ? null : (
            <Form.Item
              name="block0"
              label={`${text("life.block0")} (${t("common.optional")})`}
              extra={text("life.block0Help")}
              rules={[{ pattern: /^\s*([0-9a-fA-F]{2}\s*){16}$/, message: text("life.block0Wrong") }]}
            >
              <Input autoComplete="off" spellCheck={false} />
            </Form.Item>
          )}
          {props.order !== undefined ? null : (
            <>
              <Form.Item
                name="until"
                label={
                  kind === "uid"
                    ? text("life.legacyUntil", { day: latest?.day ?? "" })
                    : `${t("common.until")}${mustEnd ? "" : ` (${t("common.optional")})`}`
                }
                rules={[{ required: mustEnd, message: text("life.untilMissing") }]}
              >
                <Input type="date" {...(kind === "uid" && latest !== undefined ? { max: latest.day } : {})} />
              </Form.Item>
              {isPin ? null : (
                <>
                  <Form.Item name="temporary" valuePropName="checked">
                    <Checkbox>{text("life.temporary")}</Checkbox>
                  </Form.Item>
                  {props.replaces === undefined && isCard ? (
                    <Form.Item name="orderOnly" valuePropName="checked">
                      <Checkbox>{text("life.order")}</Checkbox>
                    </Form.Item>
                  ) : null}
                </>
              )}
            </>
          )}
          {props.replaces === undefined ? null : <p>{t("credential.replaceHelp")}</p>}
          <Button type="primary" htmlType="submit" loading={enrol.isPending || order.isPending}>
            {props.order !== undefined
              ? text("life.personalise")
              : isOrder
                ? text("life.orderNow")
                : props.replaces === undefined
                  ? t("credential.enrol")
                  : t("credential.replace")}
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
              {issued.pin === undefined ? (
                <pre className="keys">{keysText(issued)}</pre>
              ) : (
                <>
                  <p>{t("credential.pinOwn")}</p>
                  <pre className="keys">{issued.pin}</pre>
                </>
              )}
              {issued.duressPin === undefined ? null : (
                <>
                  <p>{t("credential.pinDuress")}</p>
                  <pre className="keys">{issued.duressPin}</pre>
                  <p>{t("credential.pinDuressHelp")}</p>
                </>
              )}
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

/** The order as `menshen card personalise --order` takes it. */
function keysText({ uid, personalisation }: Issued): string {
  return personalisation === undefined ? "" : JSON.stringify({ uid, personalisation }, null, 2);
}
