import "./texts/index.ts";
import "./cards.css";
import { type Credential, type CredentialState, credentialEndpoints } from "@menshen/wire";
import { Button, Dropdown } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { PhoneDesk } from "../aliro/phone-desk.tsx";
import { EnrolDrawer } from "./enrol-drawer.tsx";
import { HandOverDrawer } from "./hand-over-drawer.tsx";

/** States in which there is nothing more to do. */
const OVER: readonly CredentialState[] = ["replaced", "destroyed"];

/**
 * What the desk does to one credential; blocking and unblocking undo each other, so neither asks twice. Each state offers
 * its next steps; those that are rarer stand behind "more".
 */
export function CredentialActions(props: { credential: Credential }) {
  const { t } = useTranslation();
  const { t: text } = useTranslation("cards");
  const mayWrite = useMay("credentials.write");
  const { credential } = props;
  const { state } = credential;
  const [open, setOpen] = useState<"replace" | "personalise" | "hand-over">();
  const params = { id: credential.id };
  const block = useChange(() => call(credentialEndpoints.block, { params, reason: { code: "security" } }));
  const lose = useChange(() =>
    call(credentialEndpoints.lost, { params, reason: { code: "lost-or-stolen" } }),
  );
  const unblock = useChange(() =>
    call(credentialEndpoints.unblock, { params, reason: { code: "resident-request" } }),
  );
  const takeBack = useChange(() =>
    call(credentialEndpoints.returned, { params, reason: { code: "resident-request" } }),
  );
  const destroy = useChange(() =>
    call(credentialEndpoints.destroyed, { params, reason: { code: "maintenance" } }),
  );
  if (!mayWrite || OVER.includes(state)) return null;
  const isCard = credential.kind !== "pin";
  const close = () => setOpen(undefined);
  const more = [
    ...(state === "active" && isCard && credential.receipt === undefined
      ? [{ key: "receipt", label: text("life.receipt"), onClick: () => setOpen("hand-over") }]
      : []),
    ...(isCard && ["active", "blocked", "lost"].includes(state)
      ? [{ key: "returned", label: text("life.returned"), onClick: () => takeBack.mutate(undefined) }]
      : []),
    ...(state === "lost"
      ? []
      : [
          {
            key: "destroyed",
            label: text(state === "ordered" ? "life.cancelOrder" : "life.destroyed"),
            onClick: () => destroy.mutate(undefined),
          },
        ]),
  ];
  return (
    <span className="actions">
      {state === "ordered" ? (
        <Button onClick={() => setOpen("personalise")}>{text("life.personalise")}</Button>
      ) : null}
      {state === "personalised" ? (
        <Button onClick={() => setOpen("hand-over")}>{text("life.handOver")}</Button>
      ) : null}
      {state === "active" ? (
        <>
          <Button loading={lose.isPending} onClick={() => lose.mutate(undefined)}>
            {t("credential.reportLost")}
          </Button>
          <Button loading={block.isPending} onClick={() => block.mutate(undefined)}>
            {t("credential.block")}
          </Button>
        </>
      ) : null}
      {state === "blocked" || state === "lost" ? (
        <Button loading={unblock.isPending} onClick={() => unblock.mutate(undefined)}>
          {state === "lost" ? t("credential.found") : t("credential.unblock")}
        </Button>
      ) : null}
      {state === "ordered" || state === "personalised" || credential.kind === "phone-pass" ? null : (
        <Button onClick={() => setOpen("replace")}>{t("credential.replace")}</Button>
      )}
      {more.length === 0 ? null : (
        <Dropdown menu={{ items: more }} trigger={["click"]}>
          <Button aria-label={`${text("life.more")} …${credential.label}`}>{text("life.more")}</Button>
        </Dropdown>
      )}
      {credential.kind === "phone" ? (
        <PhoneDesk
          isOpen={open === "replace"}
          onClose={close}
          personId={credential.personId}
          personName={credential.personName}
          replaces={credential}
        />
      ) : open === "replace" || open === "personalise" ? (
        <EnrolDrawer
          isOpen
          onClose={close}
          personId={credential.personId}
          personName={credential.personName}
          {...(state === "ordered" ? { order: credential } : { replaces: credential })}
        />
      ) : null}
      {open === "hand-over" ? <HandOverDrawer credential={credential} isOpen onClose={close} /> : null}
    </span>
  );
}
