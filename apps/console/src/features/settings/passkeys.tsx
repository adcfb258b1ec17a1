import { passkeyEndpoints } from "@menshen/wire";
import { startRegistration } from "@simplewebauthn/browser";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useSignedIn } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";

/** One's own passkeys; whoever came by a one-time link is asked to register the first. */
export function Passkeys() {
  const { t } = useTranslation();
  const session = useSignedIn();
  const passkeys = useQuery({
    queryKey: [passkeyEndpoints.list.id],
    queryFn: ({ signal }) => call(passkeyEndpoints.list, { signal }),
  });
  const register = useChange(async (name: string) => {
    const { challengeId, options } = await call(passkeyEndpoints.options, {});
    const response = await startRegistration({
      optionsJSON: options as unknown as Parameters<typeof startRegistration>[0]["optionsJSON"],
    });
    return call(passkeyEndpoints.register, {
      body: { challengeId, response: response as unknown as Record<string, unknown>, name },
    });
  });
  const remove = useChange((id: string) => call(passkeyEndpoints.remove, { params: { id } }));
  if (passkeys.isPending) return <Loading />;
  if (passkeys.isError) return <Failed error={passkeys.error} onRetry={() => void passkeys.refetch()} />;
  return (
    <section className="section" aria-labelledby="passkeys">
      <h2 id="passkeys">{t("settings.passkeys")}</h2>
      {session.signedInBy === "code" && passkeys.data.items.length === 0 ? (
        <Alert type="info" showIcon title={t("settings.firstPasskey")} />
      ) : null}
      <ul className="plain-list">
        {passkeys.data.items.map((passkey) => (
          <li key={passkey.id}>
            <span>
              <strong>{passkey.name}</strong>{" "}
              <span className="quiet">
                <ExactMoment epochMs={passkey.createdAt} />
              </span>
            </span>
            {passkeys.data.items.length > 1 ? (
              <Button type="text" loading={remove.isPending} onClick={() => remove.mutate(passkey.id)}>
                {t("common.remove")}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      <Form<{ name: string }>
        layout="inline"
        initialValues={{ name: t("settings.thisDevice") }}
        onFinish={(values) => register.mutate(values.name.trim())}
      >
        <Form.Item name="name" label={t("common.name")} rules={[{ required: true, whitespace: true }]}>
          <Input maxLength={80} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={register.isPending}>
          {t("settings.registerPasskey")}
        </Button>
      </Form>
    </section>
  );
}
