import { toHex } from "@menshen/crypto";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";

const GROUP = 4;

/** An identity key as people compare it: groups of four, read aloud one by one. */
export function IdentityCode(props: { identityKey: Uint8Array }) {
  const groups = toHex(props.identityKey).match(new RegExp(`.{${GROUP}}`, "g")) ?? [];
  return (
    <code className="identity-code">
      {groups.map((group, position) => (
        // The same four letters may come twice; their place tells them apart.
        // biome-ignore lint/suspicious/noArrayIndexKey: a code never changes its order
        <span key={position}>{group} </span>
      ))}
    </code>
  );
}

/** One's own code, to be told to others. */
export function OwnCode(props: { identityKey: Uint8Array }) {
  const { t } = useTranslation("custodian");
  const { message } = App.useApp();
  const copy = async () => {
    await navigator.clipboard.writeText(toHex(props.identityKey));
    void message.success(t("identity.copied"));
  };
  return (
    <>
      <p>{t("identity.help")}</p>
      <p>
        <IdentityCode identityKey={props.identityKey} />
      </p>
      <Button onClick={() => void copy()}>{t("identity.copy")}</Button>
    </>
  );
}
