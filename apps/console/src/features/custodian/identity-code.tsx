import { sha256, toHex } from "@menshen/crypto";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";

const CODE_BYTES = 16;

/** A short form of an identity key for people to compare: 8 groups of 4 hexadecimal digits of its SHA-256. */
function codeOf(identityKey: Uint8Array): readonly string[] {
  return toHex(sha256(identityKey).subarray(0, CODE_BYTES)).match(/.{4}/g) ?? [];
}

/** An identity key as people compare it, read aloud group by group. */
export function IdentityCode(props: { identityKey: Uint8Array }) {
  return (
    <code className="identity-code">
      {codeOf(props.identityKey).map((group, position) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a group may come twice, and a code never changes its order
        <span key={position}>{group} </span>
      ))}
    </code>
  );
}

/** One's own code and key, to be told and given to others. */
export function OwnCode(props: { identityKey: Uint8Array }) {
  const { t } = useTranslation("custodian");
  const { message } = App.useApp();
  const key = toHex(props.identityKey);
  const copy = async () => {
    await navigator.clipboard.writeText(key);
    void message.success(t("identity.copied"));
  };
  return (
    <>
      <p>{t("identity.help")}</p>
      <p>
        <IdentityCode identityKey={props.identityKey} />
      </p>
      <h3>{t("identity.key")}</h3>
      <p>{t("identity.keyHelp")}</p>
      <p>
        <code className="identity-key">{key}</code>
      </p>
      <Button onClick={() => void copy()}>{t("identity.copy")}</Button>
    </>
  );
}
